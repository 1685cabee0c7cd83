"""Pure decisions: `decide(view, command, now) -> proposals | Refusal`.

Nothing here knows asyncio, a clock or SQL. One module per aggregate, `commands.py` for what may be asked,
`decide.py` for who decides it, `view.py` for what a decision may look at.
"""
