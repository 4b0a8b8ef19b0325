"""Every constraint of a term as a sentence: what there is (`kinds`), how it reads (`sentences`), where it comes from
(`sources`), what it costs (`costs`) and touches (`lectures_affected`), and how people change it (`validation`, `changes`)."""
