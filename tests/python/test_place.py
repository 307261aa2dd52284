"""Where a publication lies: whatever happens while one is made, readers have one whole build.

The warehouses here are made without dbt: a few rows, all of the same build.
"""

import fcntl
import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from processes import mounted

from patronage.published import PublishError
from patronage.publishing import place as place_module
from patronage.publishing.files import publish, publish_site
from patronage.publishing.place import Place


def draw(file: Path, folder: Path) -> None:
    """A site of one page that says of which build it is."""
    with duckdb.connect(str(file), read_only=True) as connection:
        builds = connection.execute("select distinct build from marts.segments").fetchall()
    folder.mkdir()
    (folder / "index.html").write_text(str(builds[0][0]))


def publish_with_site(warehouse: Path, published: Path) -> None:
    publish(warehouse, published, draw)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

KILLED = f"""
import duckdb, os, signal, sys
from pathlib import Path
{inspect.getsource(draw)}
from patronage.publishing.files import publish
warehouse, published, moment = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
counted = 0
CHANGES = {{"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}}
def count(event, arguments):
    global counted
    if event in CHANGES or (event == "open" and str(published.parent) in str(arguments[0])):
        counted += 1
        if counted == moment:
            os.kill(os.getpid(), signal.SIGKILL)
"""
"""A publication that is killed before its so manieth step in the folder of the published file."""

SERVER = (
    KILLED
    + """
for line in sys.stdin:
    warehouse, published, moment = line.rstrip("\\n").split("\\t")
    warehouse, published, moment = Path(warehouse), Path(published), int(moment)
    child = os.fork()
    if not child:
        sys.addaudithook(count)
        publish(warehouse, published, draw)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)


def make_warehouse(path: Path, number: int, rows: int = 50) -> Path:
    """A warehouse of which every row says of which build it is."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema raw; create schema marts;
            create table raw.builds as select 'build-{number}' as build_id, timestamp '2026-01-01' as started_at,
                'success' as status, true as is_whole;
            create table raw.mart_keys (mart varchar, place integer, column_name varchar);
            insert into raw.mart_keys values ('customers', 1, 'shop'), ('customers', 2, 'customer_id'),
                ('segments', 1, 'shop'), ('orders', 1, 'shop'), ('countries', 1, 'shop');
            create table raw.extracts (shop varchar, extract varchar, is_demo boolean, file varchar, records bigint,
                rejected_records bigint, previous_records bigint, encoding varchar, date_order varchar,
                decimal_sign varchar, time_zone varchar, warning varchar, landed_at timestamp);
            create table marts.customers as select 'shop' as shop, cast(range as varchar) as customer_id,
                {number} as build, md5(cast(hash(range + {number}) as varchar)) as noise
                from range({rows}) order by hash(range);
            create table marts.segments as select 'shop' as shop, {number} as build;
            create table marts.orders as from marts.segments;
            create table marts.countries as from marts.segments;
            create macro marts.build_of(x) as x + {number};
            """
        )
    return path


def builds_seen(published: Path) -> set[int]:
    """The builds that readers of the file, of the folder and of the site see, who see all their rows."""
    folder = os.path.realpath(published.with_suffix(""))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        rows = connection.execute(
            f"""
            select build, 'rows ' || count(*) from published.marts.customers group by all
            union all select build, 'rows ' || count(*) from '{folder}/customers.parquet' group by all
            union all select build, '' from published.marts.segments
            union all select build, '' from '{folder}/segments.parquet'
            union all select published.marts.build_of(0), ''
            union all select cast(build_id[7:] as integer), '' from published.marts.build
            union all select cast(build_id[7:] as integer), '' from '{folder}/build.parquet'
            """
        ).fetchall()
    assert len(rows) == 7
    assert len({text for _, text in rows if text}) == 1
    pages = published.with_name("site").glob("index.html")
    return {build for build, _ in rows} | {int(page.read_text()) for page in pages}


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def build_folders(published: Path) -> list[Path]:
    """The folders of builds that lie there, without the pointer."""
    builds = Place(published).builds
    return sorted(path for path in builds.iterdir() if path.is_dir() and not path.is_symlink())


def publish_as_earlier_versions(warehouse: Path, published: Path) -> None:
    """A plain file, and a link to a folder with a process id and a time; and what killed runs left."""
    publish(warehouse, published)
    folder, old = (
        published.with_suffix(""),
        published.with_name(f".{published.stem}-77-101112131415"),
    )
    plain = published.with_name("plain")
    shutil.copy(published, plain)
    shutil.copytree(folder, old)
    for link in (published, folder):
        link.unlink()
    plain.rename(published)
    folder.symlink_to(old.name)
    shutil.rmtree(Place(published).builds)
    published.with_name(f".{published.name}-78").write_text("killed")
    published.with_name(f".{published.stem}-79-101112131415").mkdir()


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path / "one.duckdb", 1)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path / "two.duckdb", 2)


def nothing(_: Path, published: Path) -> None:
    """The first publication."""


@pytest.mark.parametrize(
    "before",
    [
        publish_with_site,
        pytest.param(publish_as_earlier_versions, marks=pytest.mark.exhaustive),
        pytest.param(nothing, marks=pytest.mark.exhaustive),
    ],
    ids=["later", "taken over", "first"],
)
def test_killed_at_any_step_file_folder_and_site_are_of_one_build(
    before: Callable[[Path, Path], object], one: Path, two: Path, tmp_path: Path
) -> None:
    start, folder = tmp_path / "start", tmp_path / "folder"
    start.mkdir()
    before(one, start / "published.duckdb")
    published = folder / "published.duckdb"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, "", "", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert server.stdin
    assert server.stdout
    seen: list[set[int]] = []
    with server:
        while True:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(start, folder, symlinks=True)
            server.stdin.write(f"{two}\t{published}\t{len(seen) + 1}\n")
            server.stdin.flush()
            code = int(server.stdout.readline())
            if published.exists() or before is not nothing:
                seen.append(builds_seen(published))
                assert len(seen[-1]) == 1, f"a mixture after {len(seen)} steps"
            else:
                assert not published.with_suffix("").exists(), f"after {len(seen)} steps"
                seen.append(set())
            if code == 0:
                break
            assert code == -signal.SIGKILL
            if len(seen) % 4 == 0:  # what it has left does not disturb the next
                publish(two, published, draw)
                assert builds_seen(published) == {2}
                assert hidden(folder) == [".published.duckdb.builds"]
                assert len(build_folders(published)) <= 2
        server.stdin.close()
    assert published.with_name("site").is_dir()
    assert len(seen) > 20  # so many kills, and one that came too late
    first = set() if before is nothing else {1}
    changed = seen.index({2})
    assert seen == [first] * changed + [{2}] * (len(seen) - changed)


def test_the_last_build_stays_for_its_readers_and_older_ones_go(
    one: Path, two: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published.duckdb"
    publish(one, published)
    with duckdb.connect(str(published), read_only=True) as held:
        folder = Path(os.path.realpath(published.with_suffix("")))
        publish(two, published)
        assert duckdb.sql(
            f"select distinct build from '{folder}/customers.parquet'"
        ).fetchall() == [(1,)]
        publish(two, published)
        assert held.sql("select distinct build from marts.customers").fetchall() == [(1,)]
    assert not folder.exists()
    assert len(build_folders(published)) == 2
    assert hidden(tmp_path) == [".published.duckdb.builds"]


def test_a_site_stays_until_the_next_is_drawn(one: Path, two: Path, tmp_path: Path) -> None:
    published, page = tmp_path / "published.duckdb", tmp_path / "site" / "index.html"
    publish(one, published)
    assert not page.exists()
    assert publish_site(published, draw) == page.parent
    assert builds_seen(published) == {1}
    for _ in range(3):
        publish(two, published)
        assert page.read_text() == "1"
    publish_site(published, draw)
    assert builds_seen(published) == {2}
    page.chmod(0o600)
    publish_with_site(one, published)
    assert builds_seen(published) == {1}
    assert rights(page)[2] == oct(0o600)

    def fail(_: Path, folder: Path) -> None:
        folder.mkdir()
        raise OSError("no")

    with pytest.raises(PublishError, match="is as it was before: no"):
        publish(two, published, fail)
    with pytest.raises(PublishError, match="is as it was before: no"):
        publish_site(published, fail)
    assert builds_seen(published) == {1}
    with pytest.raises(PublishError, match=r"site is not the site of .*other\.duckdb"):
        publish(two, tmp_path / "other.duckdb", draw)
    shutil.copy(published, tmp_path / "copy.duckdb")
    with pytest.raises(PublishError, match=r"has not put .*copy\.duckdb there, .* by --to"):
        publish_site(tmp_path / "copy.duckdb", draw)
    assert hidden(tmp_path) == [".published.duckdb.builds"]


def test_nothing_of_a_neighbour_is_touched(one: Path, two: Path, tmp_path: Path) -> None:
    neighbours = [
        tmp_path / name
        for name in ("published-eu.duckdb", "published.eu.duckdb", "publishe.duckdb")
    ]
    for neighbour in neighbours:
        publish(one, neighbour)
    others = [
        tmp_path / name
        for name in (".published-eu-77-101112131415", ".published-77-1011121314156", ".published.duckdb-eu")
    ]  # fmt: skip
    for other in others:
        other.mkdir()
    published = tmp_path / "published.duckdb"
    publish_as_earlier_versions(one, published)
    for _ in range(3):
        publish(two, published)
    assert [builds_seen(neighbour) for neighbour in neighbours] == [{1}] * 3
    assert all(other.is_dir() for other in others)
    assert builds_seen(published) == {2}
    assert ".published-77-101112131415" not in hidden(tmp_path)


def test_a_second_publisher_says_so_and_waits(one: Path, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    publish(one, published)
    command = [sys.executable, "-m", "patronage.cli", "publish", "--warehouse", str(one), "--to", str(published)]  # fmt: skip
    with (Place(published).builds / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert second.stderr
        said = second.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=2)
        assert [path.name for path in build_folders(published)] == [Place(published).current.resolve().name]  # fmt: skip
    assert second.communicate(timeout=60)[0].startswith("Published build build-1 to ")
    assert second.returncode == 0
    assert said == f"patronage: {published} is being published by another process; waiting for it\n"


def test_publishers_at_once_all_end_well(one: Path, two: Path, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "patronage.cli", "publish", "--warehouse", str(warehouse), "--to", str(published)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for warehouse in (one, two, one, two)
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert len(builds_seen(published)) == 1
    assert len(build_folders(published)) == 2


WRITER = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("delete from marts.customers where customer_id < '3'")
os.kill(os.getpid(), 9)
"""


def test_what_a_client_has_not_written_back_never_reaches_a_new_build(
    one: Path, two: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published.duckdb"
    publish(one, published)
    whole = duckdb.sql(f"from '{published.with_suffix('')}/customers.parquet'").fetchall()
    subprocess.run([sys.executable, "-c", WRITER, str(published)], check=False)
    wal = next(Place(published).builds.rglob("*.wal"))
    with duckdb.connect(
        str(published), read_only=True
    ) as connection:  # what lies there is replayed
        assert len(connection.sql("from marts.customers").fetchall()) < len(whole)
    shutil.copy(wal, published.with_name("published.duckdb.wal"))  # where DuckDB before 1.5 has it
    publish(two, published)
    assert builds_seen(published) == {2}
    assert not published.with_name("published.duckdb.wal").exists()
    publish(one, published)
    with duckdb.connect(str(published), read_only=True) as connection:
        assert sorted(connection.sql("from marts.customers").fetchall()) == sorted(whole)


def rights(path: Path) -> tuple[int, int, str]:
    found = path.stat()
    return found.st_uid, found.st_gid, oct(found.st_mode & 0o7777)


@needs_root
@pytest.mark.parametrize("before", [publish, publish_as_earlier_versions])
def test_mode_owner_and_group_are_kept(
    before: Callable[[Path, Path], object], one: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published.duckdb"
    before(one, published)
    folder = published.with_suffix("")
    given = {
        published: (1001, 1002, 0o640), folder: (1003, 1004, 0o750),
        folder / "customers.parquet": (1005, 1006, 0o600), folder / "build.parquet": (1007, 1008, 0o660),
    }  # fmt: skip
    for path, (user, group, mode) in given.items():
        os.chown(path, user, group)
        path.chmod(mode)
    with duckdb.connect(str(one)) as connection:
        connection.execute("create table marts.one_more as select 1 as build")
    for _ in range(2):
        publish(one, published)
        for path, (user, group, mode) in given.items():
            assert rights(path) == (user, group, oct(mode))
        assert rights(folder / "one_more.parquet") == (1007, 1008, oct(0o660))


def test_what_is_new_follows_the_umask(one: Path, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    before = os.umask(0o027)
    try:
        publish(one, published)
    finally:
        os.umask(before)
    folder = published.with_suffix("")
    modes = [rights(path)[2] for path in (published, folder, folder / "customers.parquet")]
    assert modes == [oct(0o640), oct(0o750), oct(0o640)]
    # a user who may read the file gets through to it
    assert all(rights(path)[2] == oct(0o755) for path in (*build_folders(published), Place(published).builds))  # fmt: skip


@needs_root
def test_a_group_that_cannot_be_kept_is_refused(one: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = Path(shutil.copy(one, folder / "one.duckdb"))
        publish(warehouse, folder / "published.duckdb")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        os.chown(folder / "published.duckdb", 65534, 33)
        command = (
            "import os, sys; from patronage.cli import main; *first, target = sys.argv[1:];"
            "main([*first, target + '.first.duckdb']);"  # while Python's modules can be read
            "os.setgroups([]); os.setgid(65534); os.setuid(65534); sys.exit(main([*first, target]))"
        )
        arguments = ["publish", "--warehouse", str(warehouse), "--to", str(folder / "published.duckdb")]  # fmt: skip
        result = subprocess.run([sys.executable, "-c", command, *arguments], capture_output=True, text=True, check=False)  # fmt: skip
        assert result.returncode == 1
        assert re.fullmatch(
            r"patronage: published\.duckdb belongs to group 33, .* publish as a member, .*\n", result.stderr
        )  # fmt: skip
        assert builds_seen(folder / "published.duckdb") == {1}
        assert rights(folder / "published.duckdb")[:2] == (65534, 33)


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_what_is_no_place_to_publish_to_is_refused_and_left_alone(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.duckdb").mkdir()
    (tmp_path / "taken").mkdir()
    os.mkfifo(tmp_path / "pipe.duckdb")
    (tmp_path / "text.csv").write_text("shop,customer_id\n")
    publish(one, tmp_path / "real.duckdb")
    (tmp_path / "link.duckdb").symlink_to("real.duckdb")
    (tmp_path / "linked").symlink_to("real")
    shutil.copy(one, tmp_path / "other.duckdb")
    before = listing(tmp_path)
    for name, reason in {
        "waerhouse/published.duckdb": r"there is no folder .*/waerhouse; make it, or name another file",
        "published": r".*/published has no suffix, .* such as .*/published\.duckdb",
        "taken.duckdb": r".*/taken is a folder of something else",
        "folder.duckdb": r".*/folder\.duckdb is not a file",
        "pipe.duckdb": r".*/pipe\.duckdb is not a file",
        "text.csv": r".*/text\.csv cannot be read as a published file, and stays",
        "other.duckdb": r".*/other\.duckdb cannot be read as a published file, and stays",
        "link.duckdb": r".*/link\.duckdb is a symbolic link to real\.duckdb .*name where it leads",
        "linked.duckdb": r".*/linked is a symbolic link to real ",
        "real.db": r".*/real is a symbolic link to \.real\.duckdb\.builds/current/real ",
    }.items():
        with pytest.raises(PublishError, match=f"^{reason}"):
            publish(one, tmp_path / name)
    with pytest.raises(PublishError, match=r"^\. has no suffix"):
        publish(one, Path())
    monkeypatch.setattr(place_module, "find_spec", lambda _: None)
    with pytest.raises(PublishError, match="on Windows, run it in WSL"):
        publish(one, tmp_path / "published.duckdb")
    assert listing(tmp_path) == before


def test_a_mounted_file_is_refused_before_any_work_is_done(
    one: Path, two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "target").mkdir()
    published = tmp_path / "target/published.duckdb"
    publish_as_earlier_versions(one, published)
    shutil.copy(published, tmp_path / "elsewhere.duckdb")
    monkeypatch.delattr("patronage.publishing.files.write_database")
    with mounted(published, "--bind", str(tmp_path / "elsewhere.duckdb")):
        with pytest.raises(PublishError, match=r"is mounted by itself, .*; mount the folder"):
            publish(two, published)
        assert builds_seen(published) == {1}
        assert build_folders(published) == []


def test_a_folder_that_may_not_be_written_stays_as_it_is(
    one: Path, two: Path, tmp_path: Path
) -> None:
    (tmp_path / "target").mkdir()
    published = tmp_path / "target/published.duckdb"
    with mounted(published.parent, "--bind", "--options", "ro", str(published.parent)):
        with pytest.raises(PublishError, match="Read-only file system"):
            publish(one, published)
        assert listing(published.parent) == []
    publish(one, published)
    with mounted(published.parent, "--bind", "--options", "ro", str(published.parent)):
        with pytest.raises(PublishError, match=r"is as it was before: .*Read-only file system"):
            publish(two, published)
        assert builds_seen(published) == {1}
    publish(two, published)
    assert builds_seen(published) == {2}


def test_a_disk_full_at_any_point_leaves_what_was_there(two: Path, tmp_path: Path) -> None:
    one = make_warehouse(tmp_path / "one.duckdb", 1, rows=20_000)
    two = make_warehouse(tmp_path / "two.duckdb", 2, rows=20_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", "size=12m", "tmpfs"):
        published, ballast = disk / "published.duckdb", disk / "ballast"
        publish(one, published)
        room = shutil.disk_usage(disk).free
        free, reasons = 0, list[str]()
        while True:
            ballast.write_bytes(b"0" * (room - free))
            try:
                publish(two, published)
                break
            except PublishError as error:
                reasons.append(str(error))
            assert builds_seen(published) == {1}
            assert len(build_folders(published)) == 1
            ballast.unlink()
            assert shutil.disk_usage(disk).free == room
            free += 200_000
        assert len(reasons) > 5
        assert all(re.search("as it was before: .*No space left", reason) for reason in reasons)
        assert builds_seen(published) == {2}


def test_a_build_is_on_the_disk_before_it_is_in_use(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "published.duckdb"
    synced: set[int] = set()
    fsync, put_link = os.fsync, place_module.put_link
    found: list[bool] = []

    def note(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def look(place: Place, path: Path, target: str) -> None:
        if path == place.current:
            build = place.builds / target
            found.extend(item.stat().st_ino in synced for item in (build, *build.rglob("*")))
        put_link(place, path, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(place_module, "put_link", look)
    publish(one, published)
    assert len(found) > 6
    assert all(found)
    assert {path.stat().st_ino for path in (tmp_path, Place(published).builds)} <= synced
