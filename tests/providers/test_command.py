#!/usr/bin/python3
"""Programs of the company's own: what they are told, what they may say, and
what becomes of those that do not end, do not speak or are not to be run."""
import importlib.util
import json
import os
import re
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, HEIR, OB = s.ANNA, s.HEIR, "OB-000001"
ALL = ("document", "contain", "revoke", "handover", "remove", "verify",
       "restore", "recheck")
FOUR = ("document", "contain", "revoke", "verify")
# Most of the time they wait.
tap = s.Tap(jobs=2 * int(os.environ.get("JOBS", "4")))
# Answers "phases", writes down what it was given, says what it is told to.
SCRIPT = """#!/bin/sh
d=%s
[ "$1" = phases ] && { . $d/phases; exit; }
{ printf '%%s %%s %%s ' "$1" $# "$PWD"; cat; echo; } >>$d/calls
tr '\\0' '\\n' </proc/$$/environ >$d/environ
ls -l /proc/self/fd >$d/fds
[ -f $d/say.$1 ] && . $d/say.$1 && exit
echo '{"outcome":"verified","detail":"fine","account":"u-17"}'
"""


class Tool:
    """A site with one program, and what it has been told."""

    def __init__(self, phases=ALL, conf=(), script=None, sandbox=False,
                 **more):
        more["sandbox"] = sandbox
        self.site = s.Site(systems=(), **more)
        self.dir = self.site.path("tool")
        self.path = os.path.join(self.dir, "tool")
        os.mkdir(self.dir, 0o755)
        self.write("phases", "echo '%s'" % json.dumps(list(phases)))
        self.program(script or SCRIPT % self.dir)
        with open(self.site.conf, "a") as f:
            f.write("[system tool]\nkind = command\ncommand = %s\n%s" % (
                self.path, "".join(c + "\n" for c in conf)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.site.close()

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def program(self, text, mode=0o755):
        self.write("tool.new", text)
        os.chmod(os.path.join(self.dir, "tool.new"), mode)
        os.replace(os.path.join(self.dir, "tool.new"), self.path)

    def say(self, phase, text):
        """A shell fragment: what the program does in this phase."""
        self.write("say." + phase, text + "\n")

    def word(self, phase, outcome, **more):
        self.say(phase, "cat $d/json." + phase)
        self.write("json." + phase, json.dumps(dict(more, outcome=outcome)))

    def unsay(self):
        for name in os.listdir(self.dir):
            if name.startswith("say."):
                os.unlink(os.path.join(self.dir, name))

    def read(self, name):
        try:
            with open(os.path.join(self.dir, name), errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def calls(self):
        """[(phase, how many arguments, folder, what it read)]"""
        out = []
        for line in self.read("calls").splitlines():
            phase, n, folder, text = line.split(" ", 3)
            out.append((phase, int(n), folder, json.loads(text)))
        return out

    def begin(self, *more):
        return self.site.stuck("start", ANNA, "--yes", "--json", *more).json

    def again(self, *what):
        return self.site.run("retry", OB, *what, "--wait", "--json").json

    def left(self):
        """Programs of ours, and children that the worker does not bury."""
        out = set()
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    line = f.read()
                with open("/proc/%s/stat" % pid) as f:
                    stat = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if stat[0] == "Z" and int(stat[1]) in [
                    w.pid for w in self.site.workers]:
                out.add("a zombie, %s" % pid)
            elif self.dir.encode() in line:
                out.add("%s, %r" % (pid, line))
        return out

    def rest(self):
        """Nothing of what was started is left; nothing leaks."""
        left = self.left()
        if left:
            time.sleep(0.3)
            left &= self.left()
        return ["left behind: %s" % x for x in left] + self.site.leaks() + \
            self.site.audit()


def expect(case, **wanted):
    if case is None:
        return ["there is no case"]
    out = []
    for name, want in wanted.items():
        have = case["status"] if name == "status" else \
            s.states(case).get("tool/" + name)
        # What waits may just be tried once more.
        if have == "running" and want == "waiting":
            continue
        if have not in (want if isinstance(want, tuple) else (want,)):
            out.append("%s is %s, not %s: %s" % (name, have, want,
                                                 s.brief(case)))
    return out


def detail(case, phase):
    return s.steps(case)["tool/" + phase]["detail"]


def texts(case):
    return [t["text"] for t in case["tasks"]]


# ---- what it is told ----

def whole():
    with Tool(conf=["remove = on"]) as t:
        t.word("document", "verified", account="u-17", detail="is u-17",
               holds=["2 keys"], before={"keys": ["a", "b"]})
        t.word("contain", "verified", after={"state": "off"})
        reason = "\"quoted\", $(touch %s/x) `id` \\ \u00fc; a'b" % t.dir
        ran = t.site.start(ANNA, "--handover", HEIR, "--reason", reason,
                           "--login", "afields", "--employee-id", "E-7")
        case, out = ran.json, []
        out += expect(case, status="complete", **dict.fromkeys(
            ("document", "contain", "revoke", "handover", "remove",
             "verify"), "verified"))
        calls = t.calls()
        if [c[0] for c in calls] != ["document", "contain", "revoke",
                                     "handover", "remove", "verify"]:
            out.append("called: %s" % [c[0] for c in calls])
        for phase, n, folder, told in calls:
            want = {"phase": phase, "system": "tool", "id": OB,
                    "email": ANNA, "login": "afields", "employee_id": "E-7",
                    "handover": HEIR, "reason": reason, "emergency": False,
                    "dry_run": False}
            if phase != "document":
                want.update(account="u-17", before={"keys": ["a", "b"]})
            if phase not in ("document", "contain"):
                want["after"] = {"state": "off"}
            wrong = {k: told.get(k) for k in want if told.get(k) != want[k]}
            if wrong or n != 1 or folder != "/":
                out.append("%s was told %s, %d arguments, in %s" % (
                    phase, wrong, n, folder))
            if not re.fullmatch(r"[\d-]{10}T[\d:.]{8,}Z",
                                told.get("effective_at", "")):
                out.append("effective_at: %s" % told.get("effective_at"))
        if os.path.exists(os.path.join(t.dir, "x")):
            out.append("a shell has read the reason")
        env = t.read("environ").split()
        if len(env) != 1 or not env[0].startswith("PATH="):
            out.append("its environment: %s" % env)
        open_ = re.findall(r" (\d+) -> (\S+)", t.read("fds"))
        if [x for x in open_ if int(x[0]) > 2 and x[1][:6] != "/proc/"]:
            out.append("its files: %s" % open_)
        if case["systems"][0]["account"] != "u-17":
            out.append("account %s" % case["systems"][0]["account"])
        return out + t.rest()


def looking():
    with Tool() as t:
        t.word("document", "verified", account="u-17", holds=["2 keys"])
        ran = t.site.run("plan", ANNA, "--handover", HEIR, "--json")
        holds = ran.json["systems"][0]["holds"] if ran.json else ran
        out = [] if holds == ["2 keys"] else ["holds: %s" % holds]
        ran = t.site.run("check")
        if ran.status or "tool" not in ran.out:
            out.append("check: %r" % ran)
        told = [(c[0], c[3].get("dry_run")) for c in t.calls()]
        if told != [("document", True)]:
            out.append("a look has called %s" % told)
        return out + t.rest()


def emergency():
    with Tool() as t:
        ran = t.site.start(ANNA, "--emergency")
        out = expect(ran.json, status="complete")
        if not all(c[3]["emergency"] for c in t.calls()):
            out.append("it was not told so")
        return out


def secrets():
    """The token of another system is nowhere near the program."""
    with Tool(sandbox=True) as t:
        st = t.site
        with open(st.conf, "a") as f:
            f.write(st.files_section())
        t.say("contain", "cat /proc/$PPID/environ /proc/$$/cmdline "
              "/proc/$$/environ >$d/seen; tr '\\0' ' ' </proc/$PPID/cmdline "
              ">>$d/seen; echo '{\"outcome\":\"verified\"}'")
        st.worker()
        st.start(ANNA, wait=False)
        s.until(10, lambda: s.is_quiet(st.case()))
        text = (t.read("seen") + t.read("calls") + t.read(
            "environ")).encode()
        hit = s.SECRETS.search(text)
        return (["it can see %s" % hit] if hit or not t.read("seen")
                else []) + t.rest()


tap.add("all phases, what each is told, and nothing else", whole)
tap.add("plan runs document alone, check none", looking)
tap.add("an emergency is told", emergency)
tap.add("no secret in its environment, arguments or input", secrets)

# ---- what it may say ----

WORDS = {"verified": "verified", "done": "done", "manual": "manual",
         "failed": "failed", "open": "failed", "unclear": "unclear",
         "retry": "waiting", "wait": "waiting", "absent": "absent",
         "ambiguous": "failed", "VERIFIED": "unclear", "ok": "unclear",
         "verified ": "unclear", "": "unclear"}


def word(phase, outcome, text):
    """One word in one phase; mended, a retry makes it right."""
    more = {"detail": text} if text else {}
    if phase == "document" and outcome in ("done", "manual"):
        more["account"] = "u-17"
    with Tool() as t:
        t.word(phase, outcome, **more)
        case = t.begin()
        out = expect(case, **{phase: WORDS[outcome]}) + s.silent(case)
        if text and outcome in WORDS and WORDS[outcome] != "unclear" and \
                text not in detail(case, phase):
            out.append("its sentence is not shown: " + detail(case, phase))
        if WORDS[outcome] not in ("verified", "absent", "manual", "done") \
                and "tool" not in detail(case, phase):
            out.append("the system is not named: " + detail(case, phase))
        if outcome in ("done", "manual"):
            if len(case["tasks"]) != 1:
                out.append("tasks: %s" % texts(case))
        elif outcome != "absent" and case["tasks"]:
            out.append("tasks: %s" % texts(case))
        good = case["status"] == "complete"
        if good != (outcome == "verified" or (
                outcome == "absent" and phase != "document")):
            out.append("the status is " + case["status"])
        if phase == "document" and outcome in ("absent", "ambiguous") and \
                [c[0] for c in t.calls()] != ["document"]:
            out.append("it went on: %s" % [c[0] for c in t.calls()])
        if good:
            return out + t.rest()
        t.unsay()
        if outcome == "absent":
            return out
        case = t.again()
        return out + expect(case, status="complete", **dict.fromkeys(
            FOUR, "verified")) + t.rest()


for phase in ("document", "contain", "handover", "verify"):
    for outcome in WORDS:
        tap.add("%s says \"%s\"" % (phase, outcome), word, phase, outcome,
                "the words of the vendor")
for outcome in WORDS:
    tap.add("contain says \"%s\" and no more" % outcome, word, "contain",
            outcome, "")


def says(phase, text, state, shown="tool", final="complete", conf=(),
         most=None, tasks=None):
    """What it does in a phase, as a shell fragment."""
    with Tool(conf=conf) as t:
        t.say(phase, text)
        began = time.monotonic()
        case = t.begin()
        took = time.monotonic() - began
        out = expect(case, **{phase: state}) + s.silent(case)
        if shown not in detail(case, phase):
            out.append("%r is not said: %s" % (shown, detail(case, phase)))
        for text in [detail(case, phase)] + texts(case):
            if re.search(r"[\x00-\x1f\x7f\u202e]", text):
                out.append("raw: %r" % text)
        if most and took > most:
            out.append("took %.1f s" % took)
        if tasks is not None and texts(case) != tasks:
            out.append("tasks: %s" % texts(case))
        out += t.rest()
        t.unsay()
        if case["status"] != final:
            case = t.again()
        return out + expect(case, status=final)


OK = "echo '{\"outcome\":\"verified\",\"detail\":\"fine\"}'"
for text, fragment, state, shown, more in (
        ("nothing, and ends with 0", "exit 0", "waiting", "JSON", {}),
        ("no JSON", "echo all done; exit 0", "waiting", "JSON", {}),
        ("half a JSON", "echo '{\"outcome\":\"veri'; exit 0", "waiting",
         "JSON", {}),
        ("two JSONs", OK + ";" + OK + "; exit 0", "waiting", "JSON", {}),
        ("a JSON and more", OK + "; echo more; exit 0", "waiting", "JSON",
         {}),
        ("a word before its JSON", "echo ok; " + OK + "; exit 0", "waiting",
         "JSON", {}),
        ("a list", "echo '[{\"outcome\":\"verified\"}]'; exit 0", "waiting",
         "JSON", {}),
        ("null", "echo null; exit 0", "waiting", "JSON", {}),
        ("a JSON without an outcome", "echo '{\"detail\":\"x\"}'; exit 0",
         "waiting", "JSON", {}),
        ("an outcome that is no text", "echo '{\"outcome\":true}'; exit 0",
         "waiting", "JSON", {}),
        ("a JSON of 100 levels", "printf '%0100d' 0 | tr 0 '['; exit 0",
         "waiting", "JSON", {}),
        ("bytes that are no text", "printf '\\377\\376\\000'; exit 0",
         "waiting", "JSON", {}),
        ("verified in what is no UTF-8",
         "printf '{\"outcome\":\"verified\",\"detail\":\"a\\377b\"}'; exit 0",
         ("verified", "waiting"), "", {}),
        ("line ends after its JSON", OK + "; printf '\\n \\n\\n'; exit 0",
         "verified", "fine", {}),
        ("and ends with 1", "exit 1", "failed", "1", {}),
        ("and ends with 1 after a word on stderr",
         "echo first >&2; echo cannot reach the moon >&2; exit 1", "failed",
         "cannot reach the moon", {}),
        ("and ends with 75", "echo busy >&2; exit 75", "waiting", "busy",
         {}),
        ("and ends with 127", "no_such_program_here; exit 127", "failed",
         "not found", {}),
        ("verified, but ends with 1", OK + "; exit 1", "unclear", "1", {}),
        ("done, but ends with 3", "echo '{\"outcome\":\"done\"}'; exit 3",
         "unclear", "3", {}),
        ("failed, and ends with 1",
         "echo '{\"outcome\":\"failed\",\"detail\":\"no licence\"}'; exit 1",
         "failed", "no licence", {}),
        ("retry, and ends with 1", "echo '{\"outcome\":\"retry\"}'; exit 1",
         "waiting", "tool", {}),
        ("verified, but is killed", OK + "; kill -9 $$", "waiting",
         "signal 9", {}),
        ("and is killed by SIGSEGV", "kill -11 $$", "waiting", "signal 11",
         {}),
        ("output without end", "yes '{\"outcome\":\"verified\"}'", "waiting",
         "more than", {"most": 4}),
        ("65 KiB", "head -c 66560 /dev/zero | tr '\\0' ' '; " + OK +
         "; exit 0", "waiting", "more than", {}),
        ("60 KiB of blanks before its JSON",
         "head -c 61440 /dev/zero | tr '\\0' ' '; " + OK + "; exit 0",
         "verified", "fine", {}),
        ("20 MB on stderr", "head -c 20000000 /dev/zero | tr '\\0' x >&2; "
         "echo >&2; echo the last line >&2; exit 1", "failed",
         "the last line", {"most": 4}),
        ("escape sequences on stderr",
         "printf 'a\\033[31mb\\007\\r' >&2; exit 1", "failed", "tool", {}),
        ("escape sequences in its sentence",
         "printf '{\"outcome\":\"failed\",\"detail\":\"a\\\\u001b[31mb"
         "\\\\u0007\\\\n\\\\u202ec\"}'; exit 0", "failed", "tool", {}),
        ("a sentence of 30,000 letters", "printf '{\"outcome\":\"verified\","
         "\"detail\":\"%030000d\"}' 0; exit 0", "verified", "000", {}),
        ("it has read nothing", "exec <&-; " + OK + "; exit 0", "verified",
         "fine", {}),
        ("a task", "echo '{\"outcome\":\"manual\",\"tasks\":[\"Ring Bob\"]}'"
         "; exit 0", "manual", "", {"tasks": ["Ring Bob"],
                                    "final": "attention"}),
        ("tasks that are no texts", "echo '{\"outcome\":\"verified\","
         "\"tasks\":[1,null,{},\"\",[]],\"holds\":{},\"before\":[],"
         "\"after\":3,\"account\":[1],\"wait\":\"x\"}'; exit 0", "verified",
         "", {"tasks": []}),
        ("a wait without end", "echo '{\"outcome\":\"wait\",\"wait\":"
         "999999999999}'; exit 0", "waiting", "tool", {})):
    tap.add("it says " + text if text[0] != "a" or text[:3] != "and" else
            "it says nothing " + text, says, "contain", fragment, state,
            shown, **more)


def waits_asked():
    """The wait it asks for is the wait it gets."""
    with Tool() as t:
        t.say("contain", "date +%s%N >>$d/times; [ $(wc -l <$d/times) -ge 3 "
              "] || { echo '{\"outcome\":\"wait\",\"wait\":1}'; exit; }; " +
              OK)
        ran = t.site.start(ANNA)
        at = [int(x) / 1e9 for x in t.read("times").split()]
        gaps = [b - a for a, b in zip(at, at[1:])]
        return expect(ran.json, status="complete") + (
            [] if len(gaps) == 2 and all(0.95 < g < 2.5 for g in gaps)
            else ["gaps %s" % gaps])


tap.add("the wait it asks for is kept to", waits_asked)

# ---- time ----

SLEEPER = "sleep 60 & echo $! >>$d/pids; "


def gone(t):
    """What it had started the first time is there no more."""
    pid = (t.read("pids").split() or ["none"])[0]

    def alive():
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                line = f.read()
        except OSError:
            return False
        return line.startswith(b"sleep") or t.dir.encode() in line
    s.until(2, lambda: not alive())
    return ["still there: " + pid] if pid == "none" or alive() else []


def time_out(fragment, state, most, shown):
    with Tool(conf=["timeout = 700ms"]) as t:
        t.say("contain", fragment)
        began = time.monotonic()
        t.site.worker()
        t.site.start(ANNA, wait=False)

        def reached():
            case = t.site.case()
            return case if s.states(case).get("tool/contain") == state \
                else None
        case = s.until(most + 2, reached)
        took = time.monotonic() - began
        if case is None:
            return ["not %s: %s" % (state, s.brief(t.site.case()))]
        out = expect(case, contain=state) + gone(t)
        if took > most:
            out.append("took %.1f s" % took)
        if shown not in detail(case, "contain"):
            out.append("it is not said: " + detail(case, "contain"))
        out += [x for x in t.rest() if "zombie" in x]
        t.unsay()
        if state == "verified":
            s.until(3, lambda: t.site.case()["status"] == "complete")
        t.site.stop()
        out += t.rest()
        return out + expect(t.again() if state != "verified" else
                            t.site.case(), status="complete")


for text, fragment, state, most, shown in (
        ("hangs", SLEEPER + "wait", "waiting", 2.5, "did not end"),
        ("hangs and catches SIGTERM", "trap '' TERM INT HUP; " + SLEEPER +
         "wait; wait", "waiting", 2.5, "did not end"),
        ("hangs with its output closed", SLEEPER + "exec >&- 2>&-; wait",
         "waiting", 2.5, "did not end"),
        ("hangs after it said verified", SLEEPER + OK + "; wait", "waiting",
         2.5, "did not end"),
        ("leaves a child with the pipe", SLEEPER + OK + "; exit 0",
         "verified", 3, "fine"),
        ("leaves a child that goes on talking", "(while :; do echo x >&2; "
         "sleep 0.05; done) & echo $! >>$d/pids; " + OK + "; exit 0",
         "verified", 3, "fine"),
        ("leaves a child of a child", "(" + SLEEPER + "sleep 50) & echo $! "
         ">>$d/pids; " + OK + "; exit 0", "verified", 3, "fine"),
        ("stops itself", "echo $$ >>$d/pids; kill -STOP $$", "waiting", 2.5,
         "did not end")):
    tap.add("a program that %s" % text, time_out, fragment, state, most,
            shown)


def worker_ends(sig):
    """The worker is told to end while one runs: it ends with it, and the
    step is done again by the next one."""
    with Tool() as t:
        t.say("contain", SLEEPER + "[ -f $d/go ] || wait; " + OK)
        worker = t.site.worker()
        t.site.start(ANNA, wait=False)
        if not s.until(5, lambda: t.read("pids")):
            return ["it was never run"]
        began = time.monotonic()
        code = t.site.stop(worker, sig)
        took = time.monotonic() - began
        out = gone(t) if sig == signal.SIGTERM else []
        if took > 2 or (sig == signal.SIGTERM and code != 0):
            out.append("ended after %.1f s with %s" % (took, code))
        t.write("go", "")
        t.site.run("run", "--until-idle")
        for pid in t.read("pids").split():
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    if f.read() == b"sleep\x0060\x00":
                        os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
        return out + expect(t.site.case(), status="complete")


tap.add("a worker that is told to end takes it along", worker_ends,
        signal.SIGTERM)
tap.add("a worker that is killed has it done again", worker_ends,
        signal.SIGKILL)


def side_by_side():
    """Two programs that each take a moment run at the same time."""
    with Tool() as t:
        with open(t.site.conf, "a") as f:
            f.write("[system other]\nkind = command\ncommand = %s\n" %
                    t.path)
        t.say("contain", "sleep 2; " + OK)
        began = time.monotonic()
        ran = t.site.start(ANNA)
        took = time.monotonic() - began
        return expect(ran.json, status="complete") + (
            ["took %.1f s" % took] if took > 3.6 else [])


tap.add("two programs run side by side", side_by_side)

# ---- which phases it has ----


def phases(fragment, has, conf=(), status="complete", check=0):
    with Tool(conf=conf) as t:
        t.write("phases", fragment)
        ran = t.site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, status=status)
        got = {k.split("/")[1] for k in s.steps(ran.json)}
        if got != set(has):
            out.append("its steps are %s" % sorted(got))
        if {c[0] for c in t.calls()} != set(has):
            out.append("called: %s" % [c[0] for c in t.calls()])
        ran = t.site.run("check")
        if ran.status != check:
            out.append("check: %r" % ran)
        return out + t.rest()


for text, fragment, has, more in (
        ("all of them, remove = on", "echo '%s'" % json.dumps(ALL),
         ALL[:6], {"conf": ["remove = on"]}),
        ("all of them, remove = off", "echo '%s'" % json.dumps(ALL),
         [p for p in ALL[:6] if p != "remove"], {}),
        ("contain and verify", "echo '[\"contain\",\"verify\"]'",
         ("contain", "verify"), {}),
        ("contain alone", "echo '[\"contain\"]'", ("contain",), {}),
        ("words that are none", "echo '[\"contain\",\"verify\",\"explode\","
         "7,null]'", ("contain", "verify"), {}),
        ("under its name", "echo '{\"phases\":[\"contain\",\"verify\"]}'",
         ("contain", "verify"), {}),
        ("no list", "echo '{\"outcome\":\"verified\"}'", FOUR, {}),
        ("no JSON", "echo contain verify", FOUR, {}),
        ("nothing", "exit 0", FOUR, {}),
        ("a list, but ends with 1", "echo '[\"contain\"]'; exit 1", FOUR,
         {}),
        ("nothing in time", "sleep 60", FOUR, {"conf": ["timeout = 500ms"]}),
        ("output without end", "yes x", FOUR, {})):
    tap.add("phases: " + text, phases, fragment, has, **more)


def yes_man():
    """It answers everything with verified, whatever it is asked."""
    with Tool(script="#!/bin/sh\necho '{\"outcome\":\"verified\"}'\n") as t:
        ran = t.site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, status="complete", handover=None, remove=None,
                     **dict.fromkeys(FOUR, "verified"))
        ran = t.site.run("restore", OB, "--wait", "--json")
        out += expect(ran.json, restore="manual")
        if not any("no restore" in x for x in texts(ran.json)):
            out.append("tasks: %s" % texts(ran.json))
        return out + t.rest()


def phases_change():
    """A new version of the program is asked again."""
    with Tool(phases=["contain"]) as t:
        worker = t.site.worker()
        t.site.start("first" + s.DOMAIN, wait=False)
        s.until(5, lambda: t.site.case()["status"] == "complete")
        t.write("phases", "echo '[\"contain\",\"verify\"]'")
        t.program(SCRIPT % t.dir + "# 2\n")
        t.site.start(ANNA, wait=False)
        s.until(5, lambda: t.site.case("OB-000002")["status"] == "complete")
        t.site.stop(worker)
        return expect(t.site.case("OB-000002"), contain="verified",
                      verify="verified", status="complete")


tap.add("a program that says verified to everything", yes_man)
tap.add("a new version is asked for its phases again", phases_change)

# ---- programs that are not to be run ----


def unsafe(change, word, code=(1, 78)):
    """Refused before anything is run: the doctor says so."""
    with Tool() as t:
        change(t)
        ran = t.site.run("check")
        out = [] if ran.status in code and word in ran.out + ran.err else [
            "check: %r" % ran]
        case = t.begin()
        if case is not None:
            out += expect(case, status="attention")
            if {"verified", "done"} & set(s.states(case).values()):
                out.append("something was done: " + s.brief(case))
            if word not in detail(case, "contain"):
                out.append("it is not said: " + s.brief(case))
        if t.calls():
            out.append("it was run")
        return out


def group_folder(t):
    os.chmod(t.dir, 0o775)


def stranger(t):
    os.chown(t.path, 65534, 65534)


for text, change, word in (
        ("is not executable", lambda t: os.chmod(t.path, 0o644), "run"),
        ("is missing", lambda t: os.unlink(t.path), "No such file"),
        ("is a folder", lambda t: (os.unlink(t.path), os.mkdir(t.path)),
         "program"),
        ("everybody may change", lambda t: os.chmod(t.path, 0o757),
         "change"),
        ("a group may change", lambda t: os.chmod(t.path, 0o775), "change"),
        ("lies where everybody may write", lambda t: os.chmod(t.dir, 0o757),
         "folder"),
        ("lies where a group may write", group_folder, "folder")):
    tap.add("a program that " + text, unsafe, change, word)
if os.geteuid() == 0:
    tap.add("a program that belongs to somebody else", unsafe, stranger,
            "belong")


def link(target):
    def change(t):
        real = os.path.join(t.dir, target)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        os.rename(t.path, real)
        os.chmod(os.path.dirname(real), 0o757)
        os.symlink(real, t.path)
    return change


tap.add("a link to where everybody may write", unsafe, link("open/tool"),
        "folder")


def no_interpreter():
    with Tool(script="#!/no/such/interpreter\n") as t:
        case = t.begin()
        out = expect(case, status="attention")
        if {"verified", "done"} & set(s.states(case).values()):
            out.append("something was done: " + s.brief(case))
        return out + s.silent(case)


def relative():
    with Tool() as t:
        with open(t.site.conf) as f:
            text = f.read()
        with open(t.site.conf, "w") as f:
            f.write(text.replace("command = " + t.path, "command = tool"))
        ran = t.site.run("check")
        return [] if ran.status == 78 and "tool" in ran.err else [
            "check: %r" % ran]


def changed_meanwhile():
    """Looked at before every run: one that was opened up is not run."""
    with Tool() as t:
        t.say("document", "chmod o+w $d/tool; " + OK)
        case = t.begin()
        out = expect(case, document="verified", contain="failed",
                     status="attention")
        if [c[0] for c in t.calls()] != ["document"]:
            out.append("called: %s" % [c[0] for c in t.calls()])
        os.chmod(t.path, 0o755)
        t.unsay()
        return out + expect(t.again(), status="complete")


tap.add("a script without its interpreter", no_interpreter)
tap.add("a path that does not begin at the root", relative)
tap.add("a program that is opened up in between is not run",
        changed_meanwhile)

# ---- the undo, and later ----


def restore(outcome, state, status):
    with Tool() as t:
        t.word("document", "verified", account="u-17", before={"k": ["a"]})
        t.site.start(ANNA)
        t.word("restore", outcome, detail="tool is asked")
        ran = t.site.stuck("restore", OB, "--json")
        out = expect(ran.json, restore=state, status=status)
        told = [c for c in t.calls() if c[0] == "restore"]
        if not told or told[0][3].get("before") != {"k": ["a"]} or \
                told[0][3].get("account") != "u-17":
            out.append("it was told %s" % told)
        return out + t.rest()


for outcome, state, status in (
        ("verified", "verified", "restored"),
        ("failed", "failed", "attention"), ("manual", "manual", "attention"),
        ("done", "done", "attention"), ("ok", "unclear", "attention"),
        ("retry", "waiting", ("running", "attention"))):
    tap.add("restore says \"%s\"" % outcome, restore, outcome, state, status)


def look_again(t):
    due = t.site.case()["recheck_at"]
    s.until(5, lambda: time.strftime(
        "%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 1)) >= due[:19])
    t.site.run("run", "--until-idle")
    return t.site.case()


def recheck(has, contain):
    """What came back is told by recheck, or by verify where there is none;
    it only looks, and is ended again where that is wanted."""
    look = "recheck" if "recheck" in has else "verify"
    with Tool(phases=has, offboard=["recheck_after = 1s, 1h"] + (
            ["recheck = contain"] if contain else [])) as t:
        out = expect(t.site.start(ANNA).json, status="complete")
        t.say(look, "grep -q '^contain.*again' $d/calls && { " + OK + "; "
              "exit; }; echo '{\"outcome\":\"open\",\"detail\":\"a key is "
              "back\"}'; [ -f $d/told ] && exit; touch $d/told; exit 0")
        t.say("contain", "echo contain again >>$d/again; " + OK)
        t.say(look, "[ -f $d/again ] && { " + OK + "; exit; }; echo "
              "'{\"outcome\":\"open\",\"detail\":\"a key is back\"}'")
        first = len(t.calls())
        case = look_again(t)
        calls = t.calls()[first:]
        if calls[0][0] != look or not calls[0][3]["dry_run"]:
            out.append("the look was %s" % (calls[:1],))
        if contain:
            return out + expect(case, status="complete",
                                recheck="verified")
        out += expect(case, status="attention", recheck="failed",
                      contain="verified")
        if "a key is back" not in detail(case, "recheck") or \
                "contain" in [c[0] for c in calls]:
            out.append("%s: %s" % ([c[0] for c in calls], s.brief(case)))
        return out + expect(t.again("tool"), contain="verified",
                            verify="verified")


def other_account():
    """Document finds another account at that address: a finding."""
    with Tool(offboard=["recheck_after = 1s, 1h", "recheck = contain"]) as t:
        out = expect(t.site.start(ANNA).json, status="complete")
        t.word("document", "verified", account="u-99")
        first = len(t.calls())
        case = look_again(t)
        out += expect(case, status="attention", recheck="done")
        if not any("u-99" in x for x in texts(case)):
            out.append("tasks: %s" % texts(case))
        called = {c[0] for c in t.calls()[first:]}
        return out + ([] if called <= {"recheck", "document"} else [
            "called: %s" % called])


for contain in (False, True):
    for has, text in ((ALL, "recheck"), (FOUR, "verify")):
        tap.add("what came back is told by %s, recheck = %s" % (
            text, "contain" if contain else "report"), recheck, has,
            contain)
tap.add("another account at the old address is a finding", other_account)

if __name__ == "__main__":
    sys.exit(tap.main())
