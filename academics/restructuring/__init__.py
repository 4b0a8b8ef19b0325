"""Tables of any shape as tables of the kinds that can be imported: steps, roles of columns, questions, recipes."""
