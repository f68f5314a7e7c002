"""The state of five scalars that every contender keeps for each token."""

import reflex as rx


class Cell(rx.State):
    n: int = 0
    label: str = "step 0"
    ratio: float = 0.5
    on: bool = False
    count: int = 0

    @rx.event
    def bump(self):
        self.n += 1
        self.label = f"step {self.n}"
        self.ratio = self.n + 0.5
        self.on = self.n % 2 == 1
        self.count = self.n * 3


def index() -> rx.Component:
    return rx.text(Cell.n)


app = rx.App()
app.add_page(index)
