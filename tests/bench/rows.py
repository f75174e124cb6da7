"""The rows of the benchmark: what each says, its goal, and the experiment that measures it."""
import dataclasses

import latencies
import rates

AT_LEAST, AT_MOST = "at least", "at most"


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    experiment: object
    what: str
    unit: str = ""  # none for a ratio
    better: str = AT_LEAST
    goal: float = None  # none for a row that is there for information
    floor: float = None  # what no round may fall below

    def meets(self, median, low):
        """None without a goal."""
        if self.goal is None:
            return None
        if self.better == AT_MOST:
            return median <= self.goal
        return median >= self.goal and (self.floor is None or low >= self.floor)

    @property
    def goal_text(self):
        if self.goal is None:
            return ""
        floor = "" if self.floor is None else f", never below {self.floor:g}"
        return f"{self.better} {self.goal:g}{self.unit and ' '}{self.unit}{floor}"


@dataclasses.dataclass(frozen=True)
class Section:
    title: str
    text: str
    rows: tuple
    missed: str = ""  # for a page with a missed goal: what is in the way


def over_bare(name, experiment, what, goals):
    """The rate with one thread and with two."""
    return (
        Row(f"{name}-1", experiment, f"{what}, 1 thread", goal=goals[0]),
        Row(f"{name}-2", experiment, f"{what}, 2 threads", goal=goals[1]),
    )


def of_two_threads(name, experiment, what):
    return (
        Row(f"{name}-threads", experiment, what, goal=1.2, floor=1),
        Row(f"{name}-room", experiment, "if all processors were busy all the time"),
    )


def of_listings(name, experiment, count, goals):
    words = {
        "page": f"a page of {count} users",
        "search": f"one of {count} users by `q`",
        "sort": f"a page of {count} users, sorted by name",
        "alone": f"p99 of a PUT of groups by a single client, {count} users",
        "wait": "the same while another client asks for such listings all the time",
    }
    return tuple(
        Row(f"{name}-{listing}", experiment, what, "ms", AT_MOST, goal)
        for (listing, what), goal in zip(words.items(), goals)
    )


def milliseconds(name, experiment, what, goal=None):
    return Row(name, experiment, what, "ms", AT_MOST, goal)


SECTIONS = (
    Section(
        "Rate, over the bare handler's",
        "Requests per second of kestub divided by those of the bare handler, under the same load over 32"
        " connections.",
        (
            *over_bare("put", rates.put, "PUT of a user's groups, in memory, 100,000 users", (0.60, 0.65)),
            *over_bare("file", rates.file, "the same with the database in a file", (0.45, 0.45)),
            *over_bare("user", rates.user, "GET of a user, 1,000 users", (0.75, 0.75)),
            *over_bare("groups", rates.groups, "a page of groups", (0.75, 0.75)),
            *over_bare("members", rates.members, "the members of a group", (0.75, 0.75)),
            *over_bare("mixed", rates.mixed, "these three reads, and 20 % writes", (0.75, 0.75)),
            *over_bare("connect", rates.connect, "PUT of groups, a new connection for each", (0.85, 0.85)),
        ),
        missed=(
            "What is in the way: at 0.75 kestub has a third of the bare handler's own time for all that"
            " it does besides. A read takes most of that for what every request needs: credentials, the"
            " route, the entry of the journal. No function takes more than a twentieth of the whole. The"
            " text of the answer comes on top; a page of ten members has 160 strings. To keep such texts,"
            " and not only the users that they show, would save half of a page of members. Link-time"
            " optimisation would save nothing of a read, and a recorded profile 2 %."
        ),
    ),
    Section(
        "Two threads over one",
        "The rate of kestub with two threads divided by its rate with one. wrk needs a processor too, so there is"
        " a limit: what all processors could do with the time that one request takes of kestub and of wrk.",
        (
            *of_two_threads("put", rates.put, "PUT of a user's groups, in memory"),
            *of_two_threads("file", rates.file, "the same with the database in a file"),
            *of_two_threads("user", rates.user, "GET of a user"),
            *of_two_threads("groups", rates.groups, "a page of groups"),
            *of_two_threads("members", rates.members, "the members of a group"),
            *of_two_threads("mixed", rates.mixed, "these three reads, and 20 % writes"),
            *of_two_threads("connect", rates.connect, "PUT of groups, a new connection for each"),
        ),
        missed=(
            "What is in the way: wrk and two threads of kestub share two processors. wrk alone takes more"
            " than half of one, and the faster kestub is, the more. So the limits are below 1.2 for most"
            " rows. What is missing to the limit is waiting: a thread that has answered all its requests"
            " sleeps, and each waking takes some microseconds. So a request takes up to two fifths more"
            " processor time with two threads than with one."
        ),
    ),
    Section(
        "Cost and latency of a PUT, over the bare handler's",
        "From the same rounds as the PUT in memory above: requests for each CPU second of the server, which a"
        " busy machine disturbs less than a rate, and the time that one request of a hundred exceeds.",
        (
            Row("put-cpu-1", rates.put, "requests for each CPU second, 1 thread", goal=0.5),
            Row("put-cpu-2", rates.put, "requests for each CPU second, 2 threads", goal=0.5),
            Row("put-p99-1", rates.put, "p99, 1 thread", better=AT_MOST, goal=1.5),
            Row("put-p99-2", rates.put, "p99, 2 threads", better=AT_MOST, goal=1.5),
        ),
        missed=(
            "What is in the way: with two threads three busy threads share two processors. The one whose"
            " turn ends waits for a time slice of the kernel, about 3 ms, and that is the p99. When the"
            " threads of kestub asked for slices of 10 ms, it rose to 8 to 10 ms in most rounds; with"
            " slices of 0.1 ms it stayed, since wrk still had its own. With one thread it is the queue of"
            " 32 connections, so it falls with the cost of a request."
        ),
    ),
    Section(
        "Listings of large states",
        "How long a single client waits for a first page, and how long a PUT waits while another client asks"
        " for one listing after the other. Every user is in three groups of a thousand.",
        (
            milliseconds("large-members", latencies.large, "members of a group, 100,000 users", 1),
            *of_listings("large", latencies.large, "100,000", (2, 5, 5, None, 2)),
            *of_listings("huge", latencies.huge, "1,000,000", (5, 10, 10, None, 5)),
            milliseconds("huge-members", latencies.huge, "members of a group, 1,000,000 users"),
            Row("huge-put", rates.huge, "rate of PUTs of groups with 1,000,000 users over that with 1,000", goal=0.8),
        ),
        missed=(
            "What is in the way of the PUT: nearly every user is a new one for the caches of the"
            " processor, and for the names that kestub keeps for the journal, so it reads the user's row"
            " besides the row of the memberships."
        ),
    ),
    Section(
        "Start and memory",
        "From the spawn of the process to its ready line, and the resident memory then.",
        (
            milliseconds("start-empty", latencies.start, "start of an empty server"),
            milliseconds("start-default", latencies.start, "start with the default fixture"),
            Row("start-ratio", latencies.start, "the default fixture over an empty server", better=AT_MOST, goal=1.5),
            Row("large-ready", latencies.large, "start with 100,000 users", "s", AT_MOST, 0.7),
            Row("huge-ready", latencies.huge, "start with 1,000,000 users", "s", AT_MOST),
            Row("memory-default", latencies.start, "memory, default fixture", "MiB", AT_MOST, 7),
            Row("large-memory", latencies.large, "memory, 100,000 users", "MiB", AT_MOST, 40),
            Row("huge-memory", latencies.huge, "memory, 1,000,000 users", "MiB", AT_MOST),
        ),
        missed=(
            "What is in the way of 7 MiB: 1.3 MiB is kestub's own memory. The rest are pages of the"
            " program and its libraries. kestub touches 3.8 MiB of these. The kernel maps the others"
            " because they are neighbours, 64 KiB at a time. A program that only links the same libraries"
            " takes 5.0 MiB, and 6.1 when it has initialised libsodium and opened an empty database."
            " GnuTLS, which libmicrohttpd needs for TLS, is 2.3 MiB of that."
        ),
    ),
    Section(
        "Sandboxes",
        "What a sandbox of the default fixture takes. The times are those of the request that makes or resets"
        " it, less a plain request to the same sandbox.",
        (
            milliseconds("sandbox-made", latencies.sandbox, "made by the first request", 0.1),
            milliseconds("sandbox-reset", latencies.sandbox, "reset", 0.1),
            Row("sandbox-memory", latencies.sandbox, "memory of one that is used", "KiB", AT_MOST, 64),
        ),
    ),
    Section(
        "What features cost",
        "The rate of PUTs of groups, 1 thread, with a feature over that without it.",
        (
            Row("journal", rates.journal, "the journal", goal=0.97),
            Row("journal-cpu", rates.journal, "the same, requests for each CPU second"),
            Row("stubs", rates.stubs, "1,000 stubs that match nothing", goal=0.9),
            Row("stubs-cpu", rates.stubs, "the same, requests for each CPU second"),
            Row("tls", rates.tls, "TLS, with wrk's work in it"),
        ),
        missed=(
            "What is in the way of the journal: an entry takes about 4,000 instructions of the 58,000 of"
            " a PUT. It copies the head and the body, looks for secrets to mask, and tells what has"
            " changed in the state. To mask only what somebody reads would keep passwords in memory."
        ),
    ),
)
ROWS = {row.name: row for section in SECTIONS for row in section.rows}
