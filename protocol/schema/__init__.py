"""Descriptions of the wire, made from the same structs and tables that the services parse with.

`openapi.py` and `asyncapi.py` build the documents that a running service publishes; `interfaces.py` builds
the TypeScript of the pages, which `python -m protocol.schema` writes and `--check` compares.
"""
