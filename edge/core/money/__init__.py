"""Bills, payments, receipts and the drawer: nobody pays more than is owed, or twice."""
