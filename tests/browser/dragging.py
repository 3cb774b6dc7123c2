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
    for spot in SPOTS * 30:
        box = goal.bounding_box()
        assert box
        mouse.move(box["x"] + min(60, box["width"] / 2) + 5 * spot, box["y"] + box["height"] * spot, steps=4)
        if arrived():
            break
    mouse.up()
    assert arrived(), "dragged, but never where it should lie"
