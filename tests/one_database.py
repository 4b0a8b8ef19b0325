"""Modules whose tests run on SQLite alone, though they use the database; all others run on PostgreSQL too (tests/test_postgresql.py).

Chosen so: each statement that the product makes in such a module is also made in one that runs on both (the statements of all were listed
and compared, numbers and lists of values aside), and the module is about what Python works out from plainly read rows. Whatever has SQL
of its own, locks, transactions, bulk writes, look-ups in JSON, an order, constraints or migrations runs on both; so does every new module.
"""

ON_SQLITE_ALONE = {
    "tests/academics/importing/test_cells.py": "what a workbook's cell means",
    "tests/academics/importing/test_encodings.py": "what a file's bytes mean",
    "tests/academics/importing/test_kinds.py": "what a table's headings mean",
    "tests/academics/importing/test_messy.py": "what a table's headings mean",
    "tests/erp/archive/test_hostile.py": "what is refused before the database is asked",
    "tests/erp/test_api.py": "signing in, and the description of the interface",
    "tests/erp/test_import_fuzz.py": "what is refused before the database is asked; sound files are imported by test_batches.py on both",
    "tests/generation/web/test_walk.py": "roles at addresses that the other modules of its folder call on both",
    "tests/generation/editing/test_ctt.py": "what the judge and an outside validator say of an edit",
    "tests/generation/exports/test_exports.py": "the formats, read back by other readers",
    "tests/generation/review/test_gates_stateful.py": "which step is allowed after which; each step by itself runs on both",
    "tests/generation/editing/test_pages.py": "what the page says",
    "tests/generation/runs/test_nothing_left.py": "what the search does",
    "tests/test_access.py": "roles at addresses, all of which tests/test_walk.py or their own modules call on both",
}
