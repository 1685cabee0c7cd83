"""The computer under the box: its clocks, its units, its temperature, its certificates."""
