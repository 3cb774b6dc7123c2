"""Справочники: a company's tables, to look things up in and to remember them between operations."""
