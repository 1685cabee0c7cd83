"""What goes wrong when the operating system does not do as it is told."""


class ActionFailed(Exception):
    """An action had no effect. The text is for the log: the machine asserts its state again anyway."""
