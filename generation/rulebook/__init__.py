"""Every constraint of a term as a sentence: what there is (`catalogue`), how it reads (`sentences`), where it comes from
(`sources`), what it costs (`costs`) and touches (`touches`), and how people change it (`values`, `changes`)."""
