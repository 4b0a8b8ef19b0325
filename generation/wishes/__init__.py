"""What instructors wish for a term: the form (`rounds`, `links`), their answers (`answers`, `said`, `tables`), what is decided and becomes
of them (`decisions`), e-mails (`mail`), and which wishes were kept (`receipts`)."""
