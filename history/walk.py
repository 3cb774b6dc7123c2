"""The way of an operation through its processing's actions and blocks. Knows what is done, does nothing itself."""

import uuid
from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from actions.kind import Pass, Then
from actions.models import Action
from actions.tree import TOP, Outline, Place
from webjack.kinds import UnknownKind

Data = dict[str, Any]
Key = tuple[uuid.UUID, str]


@dataclass(frozen=True)
class Stop:
    """An action to do now, and where.

    number: for people. place: the elements it is about (history.models.Step). outputs: what it can see of the actions
    before it, by alias. shelter: the block that goes on with its next element when this one fails for good; None where
    the operation fails.
    """

    number: int
    action: Action
    place: str
    outputs: MutableMapping[str, Any]
    shelter: "Shelter | None" = None

    @property
    def key(self) -> Key:
        return self.action.pk, self.place


@dataclass(frozen=True)
class Shelter:
    """place: of the element."""

    number: int
    block: Action
    place: str

    @property
    def key(self) -> Key:
        return self.block.pk, self.place


class Filtered(Exception):
    """A condition ended the operation: it is none to work on."""


class _Left(Exception):
    """The rest of this place is left out."""


class _GivenUp(Exception):
    """An element failed for good."""


class Walk:
    """Yields each action that is neither done nor given up, in order.

    Before it goes on, whoever walks must have put it into `done` with its output, or its shelter into `given_up`. Ends
    with Filtered when a condition says so.
    """

    def __init__(self, actions: tuple[Action, ...], done: dict[Key, Data], given_up: set[Key]) -> None:
        self.outline = Outline(actions)
        self.numbers = {action.pk: number for number, action in enumerate(actions, 1)}
        self.done, self.given_up = done, given_up

    def stops(self) -> Iterator[Stop]:
        try:
            yield from self._through(TOP, "", {}, None)
        except GeneratorExit:  # named first: when a process ends the names of this module go before its generators
            raise
        except _Left:
            return

    def _through(
        self, where: Place, place: str, outputs: MutableMapping[str, Any], shelter: Shelter | None
    ) -> Iterator[Stop]:
        for action in self.outline.inner.get(where, ()):
            stop = Stop(self.numbers[action.pk], action, place, outputs, shelter)
            if stop.key not in self.done:
                yield stop
                if stop.key not in self.done:
                    raise _GivenUp
            output = outputs[action.alias] = self.done[stop.key]
            yield from self._inside(stop, output)
            _follow(action, output)

    def _inside(self, stop: Stop, output: Data) -> Iterator[Stop]:
        action, block = stop.action, stop.action.block
        if block is None:
            return
        failed = 0
        for one in block.passes(output):
            place, seen, shelter = stop.place, stop.outputs, stop.shelter
            if one.element is not None:
                place = f"{place}.{one.element}".lstrip(".")
                seen = ChainMap({}, *_maps(stop.outputs))
                if block.goes_on(output):
                    shelter = Shelter(stop.number, action, place)
            if one.shown is not None:
                seen[action.alias] = one.shown
            yield from self._pass(action, one, place, seen, shelter)
            failed += (action.pk, place) in self.given_up
        stop.outputs[action.alias] = block.result(output, failed)

    def _pass(
        self, block: Action, one: Pass, place: str, seen: MutableMapping[str, Any], shelter: Shelter | None
    ) -> Iterator[Stop]:
        mine = shelter is not None and shelter.key == (block.pk, place)
        if mine and (block.pk, place) in self.given_up:
            return
        try:
            yield from self._through((block.pk, one.slot), place, seen, shelter)
        except GeneratorExit:
            raise
        except _Left:
            return
        except _GivenUp:
            if not mine:
                raise


def _follow(action: Action, output: Data) -> None:
    try:
        then = action.spec.then(output)
    except UnknownKind:  # it was done while there was such a kind
        return
    if then == Then.STOP:
        raise Filtered(output.get("reason", ""))
    if then == Then.LEAVE:
        raise _Left


def _maps(outputs: MutableMapping[str, Any]) -> list[MutableMapping[str, Any]]:
    return outputs.maps if isinstance(outputs, ChainMap) else [outputs]
