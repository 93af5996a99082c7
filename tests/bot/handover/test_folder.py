"""The road through a folder: whole files alone, marks of the other side, nothing taken twice."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.handover.envelope import open_envelope
from bot.handover.folder import FolderRoad
from bot.handover.roads import Refused
from bot.handover.tars import read_tar
from bot.ports import OfficeError
from models.database import Database
from models.handover.batches import Batch
from models.handover.replies import FileState, ReplyFile
from tests.bot.handover.rig import JPEG, Rig, handing_over
from tests.rig_making import SHARED, making_keys


def other_end(rig: Rig, folder: Path, name: str) -> dict[str, bytes]:
    """What the province finds in a file, opened with its own keys."""
    keys = making_keys()
    pair = rig.lane()._reached["province"].keys
    theirs = type(pair)(
        keys["province"].private_bytes_raw(),
        keys["city"].public_key().public_bytes_raw(),
        SHARED["province"],
    )
    opened = open_envelope((folder / "out" / f"{name}.sbk").read_bytes(), theirs)
    manifest, parts = read_tar(opened.tar, opened.suite)
    assert manifest["batch"] == name
    return parts


def test_a_batch_lies_there_whole_with_its_photos_and_is_not_written_twice(
    tmp_path: Path, sqlite_database: Database
) -> None:
    folder = tmp_path / "sftp"
    folder.mkdir()
    with handing_over(tmp_path, sqlite_database, province_dir=folder) as rig:
        (one,) = rig.approve()
        rig.work()
        with rig.database.reading() as records:
            batch = records.scalars(select(Batch)).one()
        parts = other_end(rig, folder, batch.id)
    assert batch.state == "taken"
    assert parts[f"photos/{one}.jpg"] == JPEG
    assert json.loads(parts["applications.ndjson"])["application"] == one
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        f"{batch.id}.digest", f"{batch.id}.sbk",
    ]  # fmt: skip


def test_the_other_sides_marks_are_believed(tmp_path: Path) -> None:
    road = FolderRoad(tmp_path, "province")
    assert road.find("SBK_119900_20261126_0001_ORD") is None
    (tmp_path / "out" / "SBK_119900_20261126_0001_ORD.taken").write_text("abc\n")
    assert road.find("SBK_119900_20261126_0001_ORD") == "abc"
    (tmp_path / "out" / "SBK_119900_20261126_0002_ORD.refused").write_text("manifest\n")
    with pytest.raises(Refused, match="manifest"):
        road.send("SBK_119900_20261126_0002_ORD", b"sealed", "digest")
    (tmp_path / "out" / "SBK_119900_20261126_0003_ORD.refused").write_text("陈国强姓名不符\n")
    with pytest.raises(Refused, match=r"^refused$"):
        road.find("SBK_119900_20261126_0003_ORD")


def test_a_reply_that_is_no_envelope_is_reported_and_one_in_the_making_left_alone(
    tmp_path: Path, sqlite_database: Database
) -> None:
    folder = tmp_path / "sftp"
    (folder / "in").mkdir(parents=True)
    name = "SBK_119900_20261123_0007_ANS"
    (folder / "in" / f".{name}.part").write_bytes(b"half of it")
    (folder / "in" / "notes.sbk").write_bytes(b"of somebody else")
    with handing_over(tmp_path, sqlite_database, province_dir=folder) as rig:
        rig.work()
        assert not (folder / "reports").exists()
        (folder / "in" / f"{name}.sbk").write_bytes(b"cut off")
        rig.clock.shift(timedelta(hours=1))
        rig.work()
        with rig.database.reading() as records:
            file = records.scalars(select(ReplyFile)).one()
    assert (file.name, file.state) == (name, FileState.BROKEN)
    told = json.loads((folder / "reports" / f"{name}.json").read_text())
    assert told == {"name": name, "faults": [{"line": 0, "code": "envelope"}]}


def test_a_file_that_nobody_can_take_keeps_no_other_away(
    tmp_path: Path, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sftp"
    (folder / "in").mkdir(parents=True)
    names = ["SBK_119900_20261123_0001_ANS", "SBK_119900_20261123_0002_ANS"]
    (folder / "in" / f"{names[0]}.sbk").write_bytes(b"far too large")
    (folder / "in" / f"{names[1]}.sbk").write_bytes(b"no file")
    monkeypatch.setattr("bot.handover.folder.FILE_LIMIT", 10)
    with handing_over(tmp_path, sqlite_database, province_dir=folder) as rig:
        rig.work()
    assert sorted(path.stem for path in (folder / "reports").iterdir()) == names


def test_a_report_that_does_not_arrive_keeps_no_file_away(
    tmp_path: Path, sqlite_database: Database
) -> None:
    folder = tmp_path / "sftp"
    (folder / "in").mkdir(parents=True)
    names = ["SBK_119900_20261123_0001_ANS", "SBK_119900_20261123_0002_ANS"]
    for name in names:
        (folder / "in" / f"{name}.sbk").write_bytes(b"no file")
    (folder / "reports").mkdir()
    (folder / "reports" / f"{names[0]}.json").mkdir()  # in the way
    with handing_over(tmp_path, sqlite_database, province_dir=folder) as rig:
        rig.work()
        with rig.database.reading() as records:
            kept = records.scalars(select(ReplyFile).order_by(ReplyFile.name)).all()
    assert [(file.name, file.state) for file in kept] == [(name, "broken") for name in names]
    assert (folder / "reports" / f"{names[1]}.json").is_file()


def test_a_mount_that_is_away_is_no_new_folder(tmp_path: Path) -> None:
    road = FolderRoad(tmp_path / "mount", "bank")
    with pytest.raises(OfficeError, match="no folder"):
        road.replies("")
    assert not (tmp_path / "mount").exists()
