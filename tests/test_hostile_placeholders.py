"""Hundreds of hostile texts: each ends with a sentence or a bounded result, and none leaves memory behind.

How long they take is measured by `scripts/bench hostile`.
"""

import json
import subprocess
import sys

import pytest
from django.utils import translation

from actions.placeholders import BadTemplate, Context, fill
from actions.values import text as written
from tests.hostile import MIB, Hostile, texts

LONGEST = 5 * MIB  # characters of a result as text: more than any filter and any filling may give

# A process of its own, since nothing else may allocate there; the peak is the kernel's figure, values and all
# (VmHWM: what getrusage tells may be the tests' own peak, which a new process takes over from the one that began it).
# The first turns fill caches and what the allocator keeps; what the last one adds is left behind for good.
PROGRAM = """
import gc, json, os, re
from pathlib import Path
import django
django.setup()
from actions.placeholders import BadTemplate, Context, fill
from tests.hostile import texts

def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def run(one):
    try:
        fill(one.text, Context(source=one.make(), steps={}, operation={}, company={}))
    except BadTemplate:
        pass

texts()
began, after = resident(), []
for turn in range(3):
    for one in texts():
        run(one)
    after.append(resident())
peak = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps({"peak": peak - began, "left": after[2] - after[1], "kept": after[2] - began}))
"""


def told(one: Hostile) -> str:
    """What comes out of it: a sentence, or the result as text."""
    try:
        result = fill(one.text, Context(source=one.make(), steps={}, operation={"id": "1"}, company={}))
    except BadTemplate as refused:
        return refused.sentence
    try:
        return written(result)
    except ValueError as refused:
        return str(refused)


def test_there_are_more_than_two_hundred_of_them_and_no_two_are_one() -> None:
    assert len(texts()) > 300
    assert len({one.name for one in texts()}) == len(texts())


@pytest.mark.parametrize("one", texts(), ids=str)
def test_a_hostile_text_ends_with_a_sentence_or_a_bounded_result(one: Hostile) -> None:
    with translation.override("en"):
        assert len(told(one)) < LONGEST


def test_hostile_texts_need_little_memory_and_leave_none_behind() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    measured = json.loads(ended.stdout)
    assert measured["peak"] < 100 * MIB, measured
    assert measured["left"] < 4 * MIB, measured
