"""Where a publication lies: whole builds in a hidden folder, and one pointer to the one in use.

What readers open are symbolic links through the pointer, so that renaming the pointer switches the
file, the folder of Parquet files and the site together::

    published.duckdb -> .published.duckdb.builds/current/published.duckdb
    published        -> .published.duckdb.builds/current/published
    site             -> .published.duckdb.builds/current/site
    .published.duckdb.builds/
        current      -> 20260102T041503123456
        20260102T041503123456/        the build in use
        20260101T041502654321/        the one before, for readers who are still in it
        unfinished/                   the one that is being written
        lock
"""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from stat import S_IMODE

import duckdb

from patronage.published import PublishError, connect_file, first_line


@dataclass(frozen=True)
class Place:
    """Paths of a publication.

    Attributes
    ----------
    file
        The file that readers open.
    """

    file: Path

    @property
    def folder(self) -> Path:
        """The folder of Parquet files that readers open."""
        return self.file.with_suffix("")

    @property
    def site(self) -> Path:
        """The site that readers open, where one is drawn."""
        return self.file.with_name("site")

    @property
    def builds(self) -> Path:
        """The folder that holds all builds, and nothing of anybody else's."""
        return self.file.with_name(f".{self.file.name}.builds")

    @property
    def current(self) -> Path:
        """The pointer to the build in use."""
        return self.builds / "current"

    @property
    def unfinished(self) -> Path:
        """The build that is being written."""
        return self.builds / "unfinished"

    def link_to(self, path: Path) -> str:
        """Name what the link at ``file``, ``folder`` or ``site`` holds."""
        return f"{self.builds.name}/current/{path.name}"

    def is_ours(self, path: Path) -> bool:
        """Whether a path is the link that publishing puts there."""
        return path.is_symlink() and str(path.readlink()) == self.link_to(path)


def check_place(place: Place, *, draws_site: bool = False) -> None:
    """Look at what lies at the place, before anything is written.

    Parameters
    ----------
    place
        Where to publish.
    draws_site
        Whether the build will have a site.

    Raises
    ------
    PublishError
        Publishing there cannot succeed, or would replace what is not a publication.
    """
    file = place.file
    if find_spec("fcntl") is None:
        raise PublishError(
            "publishing needs the symbolic links and file locks of Linux or macOS; on Windows, run"
            " it in WSL or in a container"
        )
    if not file.suffix:
        raise PublishError(
            f"{file} has no suffix, and the folder of Parquet files beside it would have the same"
            f" name; name a file such as {file}.duckdb"
        )
    folder = place.folder
    if not file.parent.is_dir():
        raise PublishError(f"there is no folder {file.parent}; make it, or name another file")
    for path in (file, folder):
        if path.is_symlink() and not place.is_ours(path) and not is_old_link(place, path):
            raise PublishError(
                f"{path} is a symbolic link to {path.readlink()} that publishing has not made;"
                " name where it leads, or move it"
            )
    if folder.exists() and not folder.is_symlink():
        raise PublishError(f"{folder} is a folder of something else; move it, or publish elsewhere")
    site = place.site
    if draws_site and (site.exists() or site.is_symlink()) and not place.is_ours(site):
        raise PublishError(f"{site} is not the site of {file}; move it, or publish elsewhere")
    if file.exists() and not file.is_file():
        raise PublishError(f"{file} is not a file; move it, or publish elsewhere")
    if file.is_file() and not file.is_symlink() and file.stat().st_size:
        check_published(file)


def check_published(file: Path) -> None:
    """Refuse a file that publishing has not written, of this version or another.

    Raises
    ------
    PublishError
        It is something else, or cannot be read.
    """
    try:
        with closing(connect_file(file)) as connection:
            connection.execute("select build_id from published.marts.build")
    except (PublishError, duckdb.Error) as error:
        raise PublishError(
            f"{file} cannot be read as a published file, and stays ({first_line(error)}); move it,"
            " or publish elsewhere"
        ) from error


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Be the only one who publishes to a place, as long as the context lasts.

    Who comes second says so on standard error, and waits. The lock is the kernel's, so that it goes
    with its process, and holds between containers that share the folder.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - Windows has none

    if not place.builds.exists():
        place.builds.mkdir(exist_ok=True)
        let_through(place.builds)
    with (place.builds / "lock").open("a") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            print(
                f"patronage: {place.file} is being published by another process; waiting for it",
                file=sys.stderr,
                flush=True,
            )
            flock(lock, LOCK_EX)
        yield


def start_build(place: Place) -> None:
    """Make the folder of the build to write, closed to others until the build is in use.

    What a killed run has left is removed, and what an earlier version published is taken over.
    """
    shutil.rmtree(place.unfinished, ignore_errors=True)
    if (place.file.is_file() and not place.file.is_symlink()) or is_old_link(place, place.folder):
        take_over(place)
    remove_old_leftovers(place)
    place.unfinished.mkdir(mode=0o700)
    (place.unfinished / place.folder.name).mkdir()


def keep(place: Place, path: Path) -> None:
    """Take the file or folder that readers open at a path over into the build that is written."""
    last = place.current / path.name
    for old in (last, *last.rglob("*")):
        new = place.unfinished / old.relative_to(place.current)
        if old.is_dir():
            new.mkdir(exist_ok=True)
        elif old.is_file():
            link_or_copy(old, new)


def use_build(place: Place) -> None:
    """Put the build that was written into use, in one step; remove those before the last one."""
    last = place.current.resolve()
    keep_rights(place, last)
    build = place.builds / new_name()
    place.unfinished.rename(build)
    try:
        make_durable(build)
        for path in (place.file, place.folder, place.site):
            if (build / path.name).exists() and not place.is_ours(path):
                put_link(place, path, place.link_to(path))
        # clients before DuckDB 1.5 would replay into the new build what one that died has written
        place.file.with_name(f"{place.file.name}.wal").unlink(missing_ok=True)
        put_link(place, place.current, build.name)
    except OSError:
        shutil.rmtree(build, ignore_errors=True)
        raise
    make_durable_folder(place.builds)
    make_durable_folder(place.builds.parent)
    for path in place.builds.iterdir():
        if (
            path.is_dir()
            and not path.is_symlink()
            and path.resolve() not in (build.resolve(), last)
        ):
            shutil.rmtree(path, ignore_errors=True)


def drop_build(place: Place) -> None:
    """Remove a build that could not be finished, and links that lead nowhere without it."""
    shutil.rmtree(place.unfinished, ignore_errors=True)
    for path in (place.file, place.folder, place.site):
        if place.is_ours(path) and not path.exists():
            with suppress(OSError):
                path.unlink()


def new_name() -> str:
    """Name the folder of a build; there is one publisher at a time, so that a time will do."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"


def put_link(place: Place, path: Path, target: str) -> None:
    """Put a symbolic link in the place of what is there, in one step."""
    new = place.builds / "link"
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(path)


def keep_rights(place: Place, last: Path) -> None:
    """Give what is in the unfinished build mode, owner and group of what it replaces.

    A file that is new, as that of a new mart or page, gets those of ``build.parquet``. Where there
    is no last build, all follow the umask.

    Parameters
    ----------
    place
        Where the build is written.
    last
        The folder of the build before.
    """
    for path in place.unfinished.rglob("*"):
        old = last / path.relative_to(place.unfinished)
        if not old.exists() and path.is_file():
            old = last / place.folder.name / "build.parquet"
        if old.exists():
            copy_rights(old, path)
    let_through(place.unfinished)


def copy_rights(old: Path, new: Path) -> None:
    """Give a file or folder mode, owner and group of another one; only root can keep the owner.

    Raises
    ------
    PublishError
        The group cannot be kept: what it may do would be another group's.
    """
    was = old.stat()
    try:
        os.chown(new, was.st_uid if os.geteuid() == 0 else -1, was.st_gid)
    except PermissionError as error:
        raise PublishError(
            f"{old.name} belongs to group {was.st_gid}, of which this user is no member; publish as"
            " a member, or give the file to another group"
        ) from error
    new.chmod(S_IMODE(was.st_mode))


def let_through(folder: Path) -> None:
    """Let everybody pass a folder: what they may read is up to what lies in it."""
    folder.chmod(S_IMODE(folder.stat().st_mode) | 0o755)


def make_durable(build: Path) -> None:
    """Write a build to the disk, so that it outlives a loss of power."""
    for path in build.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            make_durable_folder(path)
    make_durable_folder(build)


def make_durable_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, where the file system can do that."""
    descriptor = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)


def is_old_link(place: Place, path: Path) -> bool:
    """Whether a path is the link to the Parquet files that earlier versions made."""
    pattern = rf"\.{re.escape(place.folder.name)}-\d+-\d{{12}}"
    return (
        path == place.folder
        and path.is_symlink()
        and re.fullmatch(pattern, str(path.readlink())) is not None
    )


def take_over(place: Place) -> None:
    """Make a build of a plain file, and of the Parquet files beside it; readers notice nothing.

    Earlier versions published a plain file, and who copies a file has one. The file and the folder
    lead to the same bytes before and after each step.

    Raises
    ------
    PublishError
        The file is mounted by itself, so that nothing can be put in its place.
    """
    build = place.builds / new_name()
    build.mkdir(mode=0o700)
    try:
        if place.folder.is_dir():
            (build / place.folder.name).mkdir()
            copy_rights(place.folder, build / place.folder.name)
        for path in (place.file, *place.folder.glob("*.parquet")):
            if path.is_file():
                link_or_copy(path, build / path.relative_to(place.file.parent))
        let_through(build)
        make_durable(build)
        put_link(place, place.current, build.name)
        for path in (place.file, place.folder):
            if path.exists() or path.is_symlink():
                put_link(place, path, place.link_to(path))
    except OSError as error:
        if place.current.resolve() != build.resolve():
            shutil.rmtree(build, ignore_errors=True)
        if error.errno in (errno.EXDEV, errno.EBUSY):
            raise PublishError(
                f"{place.file} is mounted by itself, so that no other file can be put in its place;"
                " mount the folder that it is in"
            ) from error
        raise


def link_or_copy(path: Path, copy: Path) -> None:
    """Give a file a second name, or copy it where that is not allowed."""
    try:
        copy.hardlink_to(path.resolve())
    except PermissionError:
        shutil.copy(path, copy)
        copy_rights(path, copy)


def remove_old_leftovers(place: Place) -> None:
    """Remove what earlier versions have left beside the file, and nothing of a neighbour's."""
    file, folder = re.escape(place.file.name), re.escape(place.folder.name)
    pattern = rf"\.{folder}-\d+-\d{{12}}|\.{folder}-link-\d+|\.{file}-\d+(\.wal)?"
    for path in place.file.parent.iterdir():
        if re.fullmatch(pattern, path.name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
