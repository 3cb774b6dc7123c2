"""Dragging by mouse, as a person does it: no letting go before the thing lies where it should."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

# In fractions of the goal's height: above its middle a card goes before it, below its middle behind it.
SPOTS = [0.2, 0.4, 0.6, 0.8, 0.95, 0.7, 0.3]


def drag(handle: Locator, goal: Locator, arrived: Callable[[], bool]) -> None:
    """Holds a handle, moves over the goal until what is dragged has arrived, and lets go there.

    The lists make way while the mouse moves, with an animation during which they take no notice of it: so it goes on
    moving, and looks again each time where the goal is by now.
    """
    mouse = handle.page.mouse
    for one in (handle, goal):
        one.scroll_into_view_if_needed()
        expect(one.locator("xpath=ancestor::*[@data-drags]").first).to_be_attached()
    start = handle.bounding_box()
    assert start
    mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    mouse.down()
    held = 0  # looks in a row at which it lay there: on its way in it may slip out again
    for spot in SPOTS * 30:
        held = held + 1 if arrived() else 0
        if held == 3:
            break
        box = goal.bounding_box()
        assert box
        x, y = box["x"] + min(60, box["width"] / 2) + 5 * spot, box["y"] + box["height"] * spot
        mouse.move(x, y, steps=1 if held else 4)
    else:
        raise AssertionError("held and moved, but it never went where it should")
    mouse.up()
    assert arrived(), "it did not stay where it was let go"
