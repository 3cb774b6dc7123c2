"""The filters of placeholders: one file for each theme, each filter declared once.

A declaration is everything there is to a filter: what placeholders call, what the picker and the help show, and the
example that its test checks. Conditions and other parts may use the plain functions of these files.
"""
