"""What pages and REST share: who may, what an address names, links, pages of rows, errors."""
