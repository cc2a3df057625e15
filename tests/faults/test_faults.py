#!/usr/bin/python3
"""What can go wrong around the product: kill -9 at any moment, wrong
passwords, dead hosts, a full disk, a broken configuration, two workers,
wrong times, and changes of the record behind its back."""
import datetime
import importlib.util
import os
import pwd
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, HEIR = s.ANNA, s.HEIR
BOB = "bob.stone" + s.DOMAIN
CAROL = "carol.reyes" + s.DOMAIN
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(
    1, 10**6)
tap = s.Tap(jobs=int(os.environ.get("JOBS", "4")))


def over(case):
    return case["status"] in ("complete", "attention", "restored",
                              "cancelled") and s.is_quiet(case)


def wait_over(site, seconds=15, ident="OB-000001"):
    """The case once nothing moves any more, or None."""
    def look():
        case = site.case(ident)
        return case and case["systems"] and over(case) and case
    return s.until(seconds, look, 0.03)


def want(case, status):
    if case is None:
        return ["it did not come to an end"]
    return [] if case["status"] == status else [
        "the status should be %s: %s" % (status, s.brief(case))]


def refused(ran, status, *words):
    """Exactly this exit status, one sentence with these words, no result."""
    out = [] if ran.status == status else [
        "exit %d instead of %d: %r" % (ran.status, status, ran)]
    for word in words:
        if word.lower() not in ran.err.lower():
            out.append("%r does not say %r" % (ran.err, word))
    if not ran.err.strip():
        out.append("nothing was said")
    return out


def open_sqlite(site):
    return sqlite3.connect(site.path("data", "record", "offboard.db"),
                           timeout=10)


def rows(site, sql, *args):
    db = open_sqlite(site)
    try:
        return db.execute(sql, args).fetchall()
    finally:
        db.close()


# ---- kill -9 ----

LATENCY = 60


def repeated(site, kills):
    """Calls that must not be made twice, and were."""
    seen, out = {}, []
    for r in site.changes():
        if r["method"] == "DELETE":
            key = r["path"]
        elif r["path"].startswith("/torch-pipeline/"):
            uid = re.search(r'"uid":\s*"([^"]*)"', r["body"])
            key = "PUT of pipeline %s" % (uid.group(1) if uid else "?")
        else:
            continue
        first = seen.setdefault(key, r)
        if first is r or first["status"] not in (200, 201, 202, 204):
            continue
        # One whose answer died with the worker may be asked again.
        if not any(first["at_ms"] - LATENCY - 150 <= k <=
                   first["at_ms"] + 150 for k in kills):
            out.append("again: %s (%d ms later)" % (
                key, r["at_ms"] - first["at_ms"]))
        seen[key] = r
    return out


def kill_and_restart(site, dice, kills):
    """One death at a random moment; how long until it works again."""
    time.sleep(dice.uniform(0.03, 0.38))
    if site.case()["status"] == "complete":
        return None
    site.stop(sig=signal.SIGKILL)
    kills.append(time.time() * 1000)
    known = len(site.requests())
    began = time.monotonic()
    site.worker()
    if not s.until(5, lambda: len(site.requests()) > known or
                   site.case()["status"] == "complete", 0.01):
        return 99
    return time.monotonic() - began


def images(case):
    """Is the before-image the state before everything?"""
    known = {x["system"]: x.get("before", {}) for x in case["systems"]}
    out = []
    for system, key, size in (("data", "keys", 60), ("data", "groups", 3),
                              ("data", "pipelines", 2), ("data", "roles", 1),
                              ("doors", "groups", 2), ("doors", "roles", 1),
                              ("doors", "reservations", 1),
                              ("doors", "credentials", 3)):
        n = len(known[system].get(key, []))
        if n != size:
            out.append("the before-image of %s has %d %s, not %d" % (
                system, n, key, size))
    out += ["the before-image of %s says enabled: %s" % (
        x, known[x].get("enabled")) for x in known
        if known[x].get("enabled") is not True]
    return out


def undone(site, before):
    """What a restore has not put back."""
    now, out = site.state(), []
    for table, name, keys in (("doorflow", "people",
                               ("enabled", "groups", "roles")),
                              ("acceldata", "users",
                               ("enabled", "groups", "attributes"))):
        a, b = [[r for r in st[table][name] if r["email"] == ANNA][0]
                for st in (before, now)]
        for k in keys:
            x, y = a[k], b[k]
            if k in ("groups", "roles"):
                x, y = sorted(x), sorted(y)
            if x != y:
                out.append("%s.%s was %s and is %s" % (name, k, x, y))
    return out + s.pipelines_lost(before, now, ANNA, [ANNA])


def killed_often(seed):
    dice = random.Random(seed)
    people = [s.anna(60), s.staff("joanna.fields", {}, {"keys": 2}),
              s.staff("heir", {}, {"groups": ["Data engineers"]}),
              s.staff("it.admin", {}, {"operator": True})]
    with s.Site(s.company(people, sync_time_ms=300)) as site:
        site.control("/latency", {"ms": LATENCY})
        before = site.state()
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        kills, slowest = [], 0
        for _ in range(20):
            took = kill_and_restart(site, dice, kills)
            if took is None:
                break
            slowest = max(slowest, took)
        case = wait_over(site, 40)
        out = want(case, "complete")
        if out:
            return out + [s.brief(site.case())]
        if len(kills) < 12:
            out.append("only %d kills: it was over too soon" % len(kills))
        if slowest > 2:
            out.append("resumed %.1f s after a restart" % slowest)
        if len(s.steps(case)) != 9:
            out.append("steps were lost: %s" % s.brief(case))
        out += repeated(site, kills) + images(case)
        out += s.overall(site, case, before)
        site.control("/latency", {"ms": 0})
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        out += want(ran.json, "restored") + undone(site, before)
        return out + site.audit()


tap.add("kill -9 at twenty random moments, then restore (seed %d)" % SEED,
        killed_often, SEED)


def killed_at_call(where, step):
    """Dies while the answer to a change is on its way: done there, not
    known here."""
    with s.Site() as site:
        before = site.state()
        site.fault("delay", *where, times=1, ms=700)
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        if not s.until(10, lambda: s.states(site.case()).get(step) ==
                       "running" and sum(f["hits"] for f in
                                         site.control("/faults"))):
            return ["never got there: " + s.brief(site.case())]
        site.stop(sig=signal.SIGKILL)
        kill = time.time() * 1000
        s.until(3, lambda: [r for r in site.requests() if r.get("fault")])
        site.worker()
        case = wait_over(site)
        out = want(case, "complete")
        if case:
            out += s.overall(site, case, before)
            out += [x for x in images(case) if "enabled" in x]
        left = [r for r in repeated(site, [kill])]
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        return out + left + want(ran.json, "restored") + undone(site, before)


for where, step in ((("doorflow", "PUT", "/people/"), "doors/contain"),
                    (("doorflow", "DELETE", "/reservations"),
                     "doors/revoke"),
                    (("acceldata", "PUT", "/users/user-1005"),
                     "data/contain"),
                    (("acceldata", "DELETE", "anna.fields-003"),
                     "data/revoke"),
                    (("acceldata", "PUT", "/pipelines"), "data/handover")):
    tap.add("kill -9 while %s %s %s is answered, then restore" % where,
            killed_at_call, where, step)


def killed_at_token():
    """Between the rotation there and the new token here: either it works
    on, or it says that a human must authorise again. Never complete by
    mistake, and never a dead loop."""
    with s.Site(auth="oauth") as site:
        before = site.state()
        site.fault("delay", "doorflow", "POST", "/oauth/token", times=1,
                   ms=500)
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        time.sleep(0.25)
        site.stop(sig=signal.SIGKILL)
        s.until(3, lambda: [r for r in site.requests() if r.get("fault")])
        site.worker()
        case = wait_over(site)
        if case is None:
            return ["not over: " + s.brief(site.case())]
        out = s.overall(site, case, before)
        if case["status"] == "attention" and "refresh token" not in \
                s.steps(case)["doors/contain"]["detail"]:
            out.append("it does not say what to do: " + s.brief(case))
        return out


tap.add("kill -9 while the refresh token changes", killed_at_token)


def terminated():
    """SIGTERM in the middle of a call that hangs: ends at once, and goes on
    where it was."""
    with s.Site() as site:
        before = site.state()
        site.fault("hang", "acceldata", "DELETE", "anna.fields-004")
        worker = site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        if not s.until(10, lambda: s.states(site.case()).get("data/revoke")
                       == "running" and sum(
                           f["hits"] for f in site.control("/faults"))):
            return ["never got there: " + s.brief(site.case())]
        began = time.monotonic()
        status = site.stop(worker)
        out = []
        if status != 0 or time.monotonic() - began > 2:
            out.append("SIGTERM: exit %s after %.1f s" % (
                status, time.monotonic() - began))
        site.heal()
        site.worker()
        case = wait_over(site)
        if case is None:
            return out + ["not over: " + s.brief(site.case())]
        return out + want(case, "complete") + s.overall(site, case, before)


tap.add("SIGTERM in the middle of a call, then a new worker", terminated)


# ---- passwords and hosts ----

def wrong_password(system, name, good):
    with s.Site() as site:
        before = site.state()
        site.secret(name, "wrong")
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        case = wait_over(site)
        out = want(case, "attention")
        if out:
            return out
        step = s.steps(case)[system + "/contain"]
        if step["state"] != "failed" or "401" not in step["detail"]:
            out.append("%s: %s" % (step["state"], step["detail"]))
        other = "data" if system == "doors" else "doors"
        if s.states(case)[other + "/verify"] != "verified":
            out.append("the other system did not go on: " + s.brief(case))
        out += s.overall(site, case, before)
        site.secret(name, good)
        site.run("retry", "OB-000001", system)
        case = wait_over(site)
        return out + want(case, "complete") + \
            (s.overall(site, case, before) if case else [])


tap.add("a wrong token; mended, then retry", wrong_password, "doors",
        "doors.token", "demo-doorflow-token")
tap.add("a wrong secret key; mended, then retry", wrong_password, "data",
        "data.secret", "demo-acceldata-secret")


def dead_host(silent):
    """Nobody listens, or somebody who never says a word."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    if silent:
        sock.listen(16)
    port = sock.getsockname()[1]
    try:
        with s.Site(doors=["timeout = 1s"]) as site:
            before = site.state()
            with open(site.conf) as f:
                text = f.read()
            with open(site.conf, "w") as f:
                f.write(text.replace(":%d\n" % site.ports["doorflow"],
                                     ":%d\n" % port))
            site.worker()
            site.start(ANNA, "--handover", HEIR, wait=False)

            def settled():
                known = s.states(site.case())
                return known.get("doors/contain") == "waiting" and \
                    known["data/verify"] == "verified"
            if not s.until(10, settled):
                return ["not as expected: " + s.brief(site.case())]
            case = site.case()
            out = want(case, "running") if case["status"] != "attention" \
                else []
            if "doors" not in s.steps(case)["doors/contain"]["detail"]:
                out.append("it does not name the system: " + s.brief(case))
            out += s.overall(site, case, before)
            site.stop()
            with open(site.conf, "w") as f:
                f.write(text)
            site.worker()
            site.run("retry", "OB-000001")
            case = wait_over(site)
            return out + want(case, "complete") + \
                (s.overall(site, case, before) if case else [])
    finally:
        sock.close()


tap.add("a host that nobody answers for; mended, then retry", dead_host,
        False)
tap.add("a host that accepts and never answers; mended, then retry",
        dead_host, True)


def back_again():
    """A host that was away for three seconds, with nobody helping: the
    next try comes by itself, and a retry of a human comes at once."""
    with s.Site() as site:
        before = site.state()
        site.fault("reset", "doorflow")
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        # Until the system waits for longer than a person likes to.
        if not s.until(40, lambda: s.steps(site.case()).get(
                "doors/contain", {}).get("attempts", 0) >= 3):
            return ["not tried again: " + s.brief(site.case())]
        site.heal()
        began = time.monotonic()
        site.run("retry", "OB-000001")
        case = wait_over(site, 20)
        out = want(case, "complete")
        if time.monotonic() - began > 4:
            out.append("a retry by hand took %.1f s" % (
                time.monotonic() - began))
        return out + (s.overall(site, case, before) if case else [])


tap.add("an unreachable system: a retry by hand comes at once", back_again)


# ---- full disk ----

def fill(site, name="ballast"):
    path = site.root + site.path("data", name)
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass
    return path


def namespace(site, size):
    """A small disk of its own for the record; the programs run in it."""
    if os.geteuid() != 0 or not shutil.which("unshare") or \
            not shutil.which("nsenter"):
        raise s.Skip("takes root, unshare and nsenter")
    holder = subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-c",
         "mount -t tmpfs -o size=%s,mode=755 tmpfs %s && touch %s && "
         "exec sleep 600" % (size, site.path("data"),
                             site.path("mounted"))],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    site.children.append(holder)
    if not s.until(5, lambda: os.path.exists(site.path("mounted")) or
                   holder.poll() is not None) or holder.poll() is not None:
        raise s.Skip("no mount namespace to be had")
    site.prefix = ["nsenter", "-t", str(holder.pid), "-m"]
    site.root = "/proc/%d/root" % holder.pid


def full_disk_at_start():
    with s.Site() as site:
        namespace(site, "2m")
        before = site.state()
        site.worker()
        site.run("list")
        ballast = fill(site)
        ran = site.start(ANNA, "--handover", HEIR, wait=False)
        out = refused(ran, 75, "disk is full")
        if len(ran.err.strip().splitlines()) != 1:
            out.append("not one sentence: %r" % ran.err)
        out += refused(site.run("plan", ANNA), 75, "disk is full")
        if site.workers[-1].poll() is not None:
            out.append("the worker died of it")
        if site.changes():
            out.append("something was changed without a record of it")
        os.unlink(ballast)
        ran = site.start(ANNA, "--handover", HEIR)
        return out + want(ran.json, "complete") + s.overall(
            site, ran.json, before)


def full_disk_on_the_way():
    with s.Site(s.company([s.anna(60), s.staff("heir", {}, {}),
                           s.staff("it.admin", {}, {"operator": True})]
                          )) as site:
        namespace(site, "2m")
        site.control("/latency", {"ms": 10})
        before = site.state()
        worker = site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)

        def keys_gone():
            return len([r for r in site.changes() if "/api-keys/" in
                        r["path"]])
        if not s.until(10, lambda: keys_gone() > 8):
            return ["never got there: " + s.brief(site.case())]
        ballast = fill(site)
        time.sleep(0.5)
        at = keys_gone()
        time.sleep(1.5)
        out = []
        # Without a durable intent there must be no further call.
        if at != keys_gone() and at < 60:
            more = rows_in(site, "SELECT count(*) FROM call")
            if more is not None and more < keys_gone():
                out.append("%d keys deleted with %d calls on record" % (
                    keys_gone(), more))
        if worker.poll() is not None:
            out.append("the worker died of it: exit %d" % worker.poll())
            site.worker()
        log = site.log("worker")
        if at < 60 and "disk is full" not in log:
            out.append("the log does not say it: %s" % log[-300:])
        os.unlink(ballast)
        case = wait_over(site, 20)
        if case is None:
            return out + ["not over: " + s.brief(site.case())]
        return out + want(case, "complete") + images(case) + s.overall(
            site, case, before) + repeated(site, [])


def rows_in(site, sql):
    """One number of a copy of the record in its namespace."""
    copy = site.path("copy.db")
    base = site.root + site.path("data", "record", "offboard.db")
    shutil.copyfile(base, copy)
    if os.path.exists(base + "-journal"):
        shutil.copyfile(base + "-journal", copy + "-journal")
    try:
        db = sqlite3.connect(copy)
        n = db.execute(sql).fetchone()[0]
        db.close()
        return n
    except sqlite3.Error:
        return None


tap.add("a full disk when asked for: said, nothing lost, works again",
        full_disk_at_start)
tap.add("a full disk on the way: no call without a record, then complete",
        full_disk_on_the_way)


def record_not_writable():
    with s.Site() as site:
        os.rmdir(site.path("data"))
        with open(site.path("data"), "w"):
            pass
        return refused(site.run("list"), 75, "data")


tap.add("a data_dir that is a file: said", record_not_writable)


def read_only_record():
    """A damaged record is said, and never overwritten."""
    with s.Site() as site:
        site.run("list")
        path = site.path("data", "record", "offboard.db")
        with open(path, "r+b") as f:
            f.write(b"this is no record at all" * 40)
        out = refused(site.run("list"), 75, "damaged")
        with open(path, "rb") as f:
            if not f.read().startswith(b"this is no"):
                out.append("the damaged record was overwritten")
        return out


tap.add("a damaged record: said, and left as it is", read_only_record)


# ---- configuration ----

def bad_conf(change, needle, word=""):
    """CHANGE makes the file wrong; the message names file and line."""
    with s.Site() as site:
        with open(site.conf) as f:
            text = change(f.read(), site)
        with open(site.conf, "w") as f:
            f.write(text)
        line = 0
        if needle:
            # The last line that looks like it is the wrong one.
            line = [i for i, row in enumerate(text.splitlines(), 1)
                    if needle in row][-1]
        out = []
        for ran in (site.run("list"), site.run("check"), daemon(site)):
            out += refused(ran, 78, word)
            place = "%s:%d:" % (site.conf, line)
            if needle and place not in ran.err:
                out.append("%r does not name %s" % (ran.err, place))
        if site.requests():
            out.append("a vendor was asked all the same")
        return out


def daemon(site):
    child = subprocess.Popen(
        [os.path.join(s.BUILD, "offboardd"), "-c", site.conf],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=site.env())
    site.children.append(child)
    return site.run_end(child, 5)


def insert(after, line):
    return lambda text, _: text.replace(after + "\n", after + "\n" + line +
                                        "\n", 1)


def add(lines):
    return lambda text, _: text + lines + "\n"


def world_readable(text, site):
    os.chmod(site.path("secrets", "data.secret"), 0o644)
    return text


def no_secret(text, site):
    os.unlink(site.path("secrets", "data.secret"))
    return text


for what, change, needle, word in (
        ("an unknown key", insert("[offboard]", "colour = red"), "colour",
         "colour"),
        ("an unknown key of a system", insert("kind = doorflow", "colour "
                                              "= red"), "colour", "colour"),
        ("a key of another kind", insert("kind = doorflow",
                                         "put_mode = merge"), "put_mode",
         "put_mode"),
        ("a key twice", insert("[offboard]", "sla = 1h\nsla = 2h"),
         "sla = 2h", "twice"),
        ("a key of a system twice", insert("kind = doorflow",
                                           "rate = 1\nrate = 1"),
         "rate = 1", "twice"),
        ("a section twice", add("[offboard]\nsla = 1h"), "[offboard]",
         "twice"),
        ("a bad number", insert("[offboard]", "brake = many"), "brake",
         "number"),
        ("a number too small", insert("[offboard]", "brake = 0"), "brake",
         "number"),
        ("a bad word", insert("[offboard]", "approval = perhaps"),
         "approval", "irreversible"),
        ("a bad span", insert("[offboard]", "sla = soon"), "sla", "time"),
        ("a bad switch", insert("kind = acceldata", "pipelines = perhaps"),
         "pipelines", "on or off"),
        ("a relative path", lambda t, _: re.sub(
            r"data_dir = .*", "data_dir = data", t), "data_dir",
         "absolute"),
        ("no value", insert("[offboard]", "sla ="), "sla", "value"),
        ("no equals sign", insert("[offboard]", "nonsense"), "nonsense",
         ""),
        ("an unknown section", add("[colour]\nred = 1"), "[colour]",
         "colour"),
        ("an unknown kind", add("[system x]\nkind = telepathy"),
         "telepathy", "telepathy"),
        ("a system without a kind", add("[system x]\nurl = https://x.y"),
         "[system x]", "kind"),
        ("a bad name of a system", add("[system a b]\nkind = linux"),
         "[system a b]", "name"),
        ("http to another host", lambda t, _: re.sub(
            r"(?s)(kind = doorflow\nurl = )[^\n]*", r"\1http://x.example",
            t), "http://x.example", "http"),
        ("a url with a password", lambda t, _: re.sub(
            r"(?s)(kind = doorflow\nurl = )[^\n]*",
            r"\1https://u:p@x.example", t), "u:p@", ""),
        ("a secret that everybody can read", world_readable,
         "secret_key_file", "data.secret"),
        ("a secret that is not there", no_secret, "secret_key_file",
         "data.secret"),
        ("a secret with a relative path", lambda t, _: re.sub(
            r"secret_key_file = .*", "secret_key_file = x", t),
         "secret_key_file", "absolute"),
        ("a key before any section", lambda t, _: "sla = 1h\n" + t,
         "sla = 1h", "section")):
    tap.add("configuration: %s is refused with its line" % what, bad_conf,
            change, needle, word)


def no_conf():
    with s.Site() as site:
        os.unlink(site.conf)
        return refused(site.run("list"), 78, site.conf)


def missing_keys():
    """What a kind cannot do without is named, with its place."""
    with s.Site() as site:
        with open(site.conf) as f:
            text = re.sub(r"access_key_file = .*\n", "", f.read())
        with open(site.conf, "w") as f:
            f.write(text)
        ran = site.run("check")
        if ran.status == 0:
            return ["check is content without an access_key_file"]
        return [] if "access_key_file" in ran.out + ran.err else [
            "it is not named: %r" % ran]


tap.add("configuration: no file", no_conf)
tap.add("configuration: a missing key is named by check", missing_keys)


# ---- who, when, twice ----

def myself():
    return pwd.getpwuid(os.getuid()).pw_name



def twice_the_same():
    with s.Site(offboard=["brake = 100"]) as site:
        before = site.state()
        site.start(ANNA, "--handover", HEIR, wait=False)
        out = refused(site.start(ANNA, wait=False), 1, "OB-000001")
        out += refused(site.start(ANNA.upper(), wait=False), 1, "OB-000001")
        site.run("run", "--until-idle")
        out += want(site.case(), "complete")
        ran = site.start(ANNA, "--handover", HEIR)
        if ran.json and ran.json["id"] != "OB-000002":
            out.append("a second one after the first: %r" % ran)
        return out + want(ran.json, "complete") + s.overall(
            site, ran.json, before)


def protected():
    with s.Site(offboard=["protect = root, %s, anna.fields" % BOB]) as site:
        out = refused(site.start(BOB, wait=False), 1, "protect")
        out += refused(site.start(BOB.upper(), wait=False), 1, "protect")
        out += refused(site.start(CAROL, "--login", "root", wait=False), 1,
                       "protect")
        out += refused(site.start(ANNA, wait=False), 1, "protect")
        out += refused(site.start(BOB, "--emergency", wait=False), 1,
                       "protect")
        if site.run("list").out:
            out.append("something was recorded")
        return out + (["a vendor was asked"] if site.changes() else [])


def protected_later():
    """The worker judges again: the list of the day counts."""
    with s.Site() as site:
        at = stamp(time.time() + 1)
        site.start(ANNA, "--at", at, wait=False)
        site.write_conf(offboard=["protect = root, " + ANNA])
        site.worker()
        time.sleep(1.3)
        case = s.until(5, lambda: (lambda c: c["status"] != "scheduled" and
                                   c)(site.case()))
        out = [] if case and case["status"] == "cancelled" else [
            "a protected person: %s" % s.brief(case or site.case())]
        if site.changes():
            out.append("a protected person was changed")
        return out


def oneself():
    with s.Site(offboard=["protect = nobody"]) as site:
        who = myself()
        out = refused(site.start(who + s.DOMAIN, wait=False), 1, " own ")
        out += refused(site.start(CAROL, "--login", who, wait=False), 1,
                       " own ")
        return out + (["a vendor was asked"] if site.requests() else [])


tap.add("the same person twice: refused, and the first is named",
        twice_the_same)
tap.add("the protect list: by address and login, emergencies too",
        protected)
tap.add("the protect list is judged again when it begins", protected_later)
tap.add("nobody offboards himself", oneself)


def stamp(at):
    return datetime.datetime.fromtimestamp(
        at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + \
        "Z"


def instant(text):
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


def scheduled(worker_is_up):
    with s.Site() as site:
        before = site.state()
        if worker_is_up:
            site.worker()
        at = time.time() + 1.5
        ran = site.start(ANNA, "--handover", HEIR, "--at", stamp(at),
                         wait=False)
        out = want(ran.json, "scheduled")
        if abs(instant(ran.json["effective_at"]) - at) > 0.01:
            out.append("effective at %s, not %s" % (
                ran.json["effective_at"], stamp(at)))
        time.sleep(max(0, at - time.time() - 0.2))
        if site.requests():
            out.append("something was asked before its time")
        if not worker_is_up:
            time.sleep(0.6)
            at = time.time()
            site.worker()
        if not s.until(3, site.requests):
            return out + ["never started"]
        late = site.requests()[0]["at_ms"] / 1000 - at
        if late > 1 or (worker_is_up and late < -0.005):
            out.append("started %.2f s after its time" % late)
        case = wait_over(site)
        return out + want(case, "complete") + (s.overall(
            site, case, before) if case else [])


tap.add("--at: begins within a second of its instant", scheduled, True)
tap.add("--at: begins at once when the worker was down then", scheduled,
        False)


def bad_time(text, word):
    with s.Site() as site:
        out = refused(site.start(ANNA, "--at", text, wait=False), 64, word)
        if site.run("list").out:
            out.append("it was recorded all the same")
        return out


year = datetime.date.today().year + 1


def last_sunday(month):
    day = datetime.date(year, month, 31)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


for text, word in (
        ("%s 02:30 Europe/Berlin" % last_sunday(3), "does not exist"),
        ("%s 02:30 Europe/Berlin" % last_sunday(10), "twice"),
        ("%d-02-31 10:00 Europe/Berlin" % year, "not a time"),
        ("%d-02-03 10:00" % year, "zone"),
        ("%d-02-03 10:00 Europe/Atlantis" % year, "zone"),
        ("%d-02-03 10:00 ../../etc/passwd" % year, "zone"),
        ("%d-02-03 10:00 Berlin" % year, "zone"),
        ("%d-02-03T10:00:00+25:00" % year, ""),
        ("%d-02-03 24:00 Europe/Berlin" % year, ""),
        ("%d-02-03 10:60 Europe/Berlin" % year, ""),
        ("tomorrow", "not a time"), ("", "not a time"),
        ("%d-02-03T10:00:00Z" % (year + 9), "five years")):
    tap.add("--at \"%s\" is refused" % text, bad_time, text, word)


def good_time(text, want_at, zone):
    with s.Site() as site:
        ran = site.start(ANNA, "--at", text, wait=False)
        if ran.json is None:
            return ["%r" % ran]
        out = want(ran.json, "scheduled")
        if ran.json["effective_at"] != want_at:
            out.append("%s is %s, not %s" % (text, ran.json["effective_at"],
                                             want_at))
        return out


for text, at, zone in (
        ("%d-01-15 17:00 Europe/Berlin" % year,
         "%d-01-15T16:00:00.000Z" % year, "Europe/Berlin"),
        ("%d-07-15 17:00 Europe/Berlin" % year,
         "%d-07-15T15:00:00.000Z" % year, "Europe/Berlin"),
        ("%d-07-15T17:00:00-05:30" % year, "%d-07-15T22:30:00.000Z" % year,
         "UTC"),
        ("%d-07-15 17:00 Asia/Kathmandu" % year,
         "%d-07-15T11:15:00.000Z" % year, "Asia/Kathmandu"),
        ("%s 03:00 Europe/Berlin" % last_sunday(3),
         "%sT01:00:00.000Z" % last_sunday(3), "Europe/Berlin"),
        ("%s 01:59 Europe/Berlin" % last_sunday(10),
         "%sT23:59:00.000Z" % (last_sunday(10) - datetime.timedelta(1)),
         "Europe/Berlin")):
    tap.add("--at \"%s\" is %s" % (text, at), good_time, text, at, zone)


# ---- cancel, restore ----

def cancelled_before():
    with s.Site() as site:
        site.worker()
        site.start(ANNA, "--at", stamp(time.time() + 1), wait=False)
        ran = site.run("cancel", "OB-000001")
        out = [] if ran.status == 0 else ["%r" % ran]
        out += want(site.case(), "cancelled")
        time.sleep(1.4)
        if site.requests():
            out.append("it was begun all the same")
        out += refused(site.run("cancel", "OB-000001"), 1, "cancelled")
        out += refused(site.run("restore", "OB-000001"), 1)
        out += refused(site.run("retry", "OB-000001"), 1, "cancelled")
        out += refused(site.run("cancel", "OB-000009"), 1, "OB-000009")
        ran = site.start(ANNA, "--handover", HEIR)
        return out + want(ran.json, "complete") + site.audit()


def cancelled_during():
    """Later steps stop, nothing is undone, and nothing moves again."""
    with s.Site() as site:
        site.fault("status", "acceldata", "DELETE", "/api-keys/",
                   status=503)
        site.fault("status", "doorflow", "GET", "/reservations", status=503)
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)

        def held():
            known = s.states(site.case())
            return known.get("data/revoke") == "waiting" and \
                known["doors/contain"] in ("verified", "waiting")
        if not s.until(10, held):
            return ["never got there: " + s.brief(site.case())]
        ran = site.run("cancel", "OB-000001")
        out = [] if ran.status == 0 else ["%r" % ran]
        site.heal()
        time.sleep(0.3)
        site.forget()
        time.sleep(2)
        out += want(site.case(), "cancelled")
        if site.changes():
            out.append("changed after the cancel: %s" % [
                r["path"] for r in site.changes()])
        user = [u for u in site.state()["acceldata"]["users"]
                if u["email"] == ANNA][0]
        if user["enabled"]:
            out.append("the containment was undone")
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        out += want(ran.json, "restored")
        return out + site.audit()


def restored(more):
    with s.Site() as site:
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR, *more)
        out = want(ran.json, "complete")
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        if ran.status != 0:
            out.append("%r" % ran)
        out += want(ran.json, "restored") + undone(site, before)
        out += s.touched(before, site.state(), [ANNA])
        tasks = " ".join(t["text"] for t in ran.json["tasks"])
        for word in ("6 API key", "eservation", "role"):
            if word not in tasks:
                out.append("what cannot be put back is not listed: %s: %s"
                           % (word, tasks))
        if not s.until(3, lambda: site.door(ANNA)["opens"]):
            out.append("the door does not open again")
        out += refused(site.run("restore", "OB-000001"), 1)
        out += refused(site.run("retry", "OB-000001"), 1, "restored")
        ran = site.start(ANNA, "--handover", HEIR)
        return out + want(ran.json, "complete") + s.overall(
            site, ran.json, before)


def restored_on_the_way(emergency):
    """A restore while the offboarding runs: what was done is undone, what
    was not yet done is not done any more."""
    with s.Site() as site:
        site.control("/latency", {"ms": 25})
        before = site.state()
        site.worker()
        site.start(ANNA, "--handover", HEIR, *emergency, wait=False)
        if not s.until(10, lambda: len([r for r in site.changes() if
                                        "/api-keys/" in r["path"]]) > 2):
            return ["never got there: " + s.brief(site.case())]
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        out = want(ran.json, "restored")
        if not s.until(10, lambda: site.case()["status"] == "restored"):
            return out + ["never restored: " + s.brief(site.case())]
        out += undone(site, before)
        site.forget()
        time.sleep(0.7)
        if site.changes():
            out.append("changed after the restore: %s" % site.changes())
        if not site.door(ANNA)["opens"]:
            out.append("the door does not open again")
        return out + s.touched(before, site.state(), [ANNA]) + site.audit()


def restore_of_disabled():
    """Who was disabled before stays disabled."""
    with s.Site() as site:
        site.change(ANNA, enabled=False)
        before = site.state()
        site.start(ANNA, "--handover", HEIR)
        ran = site.run("restore", "OB-000001", "--wait", "--json")
        return want(ran.json, "restored") + undone(site, before)


def restore_with_faults(where_data):
    with s.Site() as site:
        before = site.state()
        site.start(ANNA, "--handover", HEIR)
        for where in (("doorflow", "PUT", "/people/"), where_data):
            site.fault("nothing", *where, times=1)
            site.fault("done_then_status", *where, times=1, status=503)
        ran = site.run("restore", "OB-000001", "--wait", "--json",
                       timeout=80)
        return want(ran.json, "restored") + undone(site, before) + \
            s.touched(before, site.state(), [ANNA]) + site.audit()


tap.add("cancel before it begins: nothing happens", cancelled_before)
tap.add("cancel on the way: stops, undoes nothing, can be restored",
        cancelled_during)
tap.add("restore puts back what can be, and lists the rest", restored, ())
tap.add("restore of an emergency", restored, ("--emergency",))
tap.add("restore on the way", restored_on_the_way, ())
tap.add("restore on the way of an emergency", restored_on_the_way,
        ("--emergency",))
tap.add("restore leaves disabled who was disabled before",
        restore_of_disabled)
for path in ("/users/user-1005", "/assign-groups", "/pipelines"):
    tap.add("restore with faults of PUT %s on the way" % path,
            restore_with_faults, ("acceldata", "PUT", path))


# ---- brake and approval ----

WEB = "[web]\nsocket = /tmp/none.sock\napprover = daemon\n"


def as_daemon(site):
    """Another user: the user daemon, in the group of the record."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise s.Skip("takes root and setpriv")
    # The command looks at the mode of the secrets, not at what they say.
    os.chmod(site.path("secrets"), 0o755)
    return ["setpriv", "--reuid=daemon", "--regid=%d" % os.getegid(),
            "--clear-groups"]


def approve(site, ident="OB-000001"):
    return site.run("approve", ident, prefix=as_daemon(site))


def braked(more):
    with s.Site(offboard=["brake = 2"], extra=WEB) as site:
        before = site.state()
        site.worker()
        site.start(BOB, wait=False)
        site.start(CAROL, wait=False)
        ran = site.start(ANNA, "--handover", HEIR, *more, wait=False)
        out = want(ran.json, "awaiting_approval")
        if "brake" not in ran.json.get("hold", ""):
            out.append("it does not say why: %s" % ran.json.get("hold"))
        for ident in ("OB-000001", "OB-000002"):
            out += want(wait_over(site, 15, ident), "complete")
        time.sleep(0.4)
        out += s.touched(before, site.state(), [BOB, CAROL])
        out += refused(site.run("approve", "OB-000001"), 1)
        out += refused(site.run("approve", "OB-000003"), 1)
        ran = approve(site, "OB-000003")
        if ran.status != 0:
            return out + ["approve: %r" % ran]
        case = wait_over(site, 15, "OB-000003")
        return out + want(case, "complete") + s.touched(
            before, site.state(), [ANNA, BOB, CAROL]) + site.audit()


def approval_all():
    with s.Site(offboard=["approval = all"], extra=WEB) as site:
        before = site.state()
        site.worker()
        ran = site.start(ANNA, "--handover", HEIR, wait=False)
        out = want(ran.json, "awaiting_approval")
        time.sleep(0.5)
        if site.requests():
            out.append("something was asked before the approval")
        ran = approve(site)
        if ran.status != 0:
            return out + ["approve: %r" % ran]
        case = wait_over(site)
        out += want(case, "complete") + s.overall(site, case, before)
        ran = site.start(BOB, "--emergency")
        return out + want(ran.json, "complete")


def approval_by_requester():
    with s.Site(offboard=["approval = all"],
                extra="[web]\napprover = %s\n" % myself()) as site:
        site.start(ANNA, wait=False)
        out = refused(site.run("approve", "OB-000001"), 1, "colleague")
        return out + want(site.case(), "awaiting_approval")


def approval_irreversible():
    with s.Site(offboard=["approval = irreversible"], extra=WEB) as site:
        before = site.state()
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)

        def contained():
            known = s.states(site.case())
            return known.get("doors/contain") == "verified" and \
                known["data/contain"] == "verified"
        if not s.until(10, contained):
            return ["not contained: " + s.brief(site.case())]
        time.sleep(0.4)
        case = site.case()
        out = want(case, "awaiting_approval")
        for k, state in s.states(case).items():
            if k.split("/")[1] not in ("document", "contain") and \
                    state != "pending":
                out.append("%s is %s before the approval" % (k, state))
        gone = [r for r in site.changes() if r["method"] == "DELETE" or
                "group_ids" in r["body"] or "remove" in r["path"]]
        if gone:
            out.append("revoked before the approval: %s" % gone[:3])
        ran = approve(site)
        if ran.status != 0:
            return out + ["approve: %r" % ran]
        case = wait_over(site)
        return out + want(case, "complete") + (s.overall(
            site, case, before) if case else [])


def approval_and_wait():
    """--wait on one that waits for a person ends, and says 2."""
    with s.Site(offboard=["approval = all"], extra=WEB) as site:
        ran = site.start(ANNA, timeout=10)
        out = want(ran.json, "awaiting_approval")
        return out + ([] if ran.status == 2 else ["%r" % ran])


tap.add("the brake holds the third, and only the third", braked, ())
tap.add("the brake holds an emergency too", braked, ("--emergency",))
tap.add("approval = all: nothing before it, emergencies at once",
        approval_all)
tap.add("approval by the requester is refused", approval_by_requester)
tap.add("approval = irreversible: contained at once, the rest waits",
        approval_irreversible)
tap.add("--wait for one that waits for a person: exit 2", approval_and_wait)


# ---- commands ----

def two_workers():
    with s.Site() as site:
        before = site.state()
        first = site.worker()
        out = refused(daemon(site), 75, "worker")
        out += refused(site.run("run"), 75, "worker")
        out += refused(site.run("run", "--until-idle"), 75, "worker")
        if first.poll() is not None:
            out.append("the first worker has ended")
        ran = site.start(ANNA, "--handover", HEIR)
        if ran.status != 0:
            out.append("%r" % ran)
        return out + want(ran.json, "complete") + s.overall(
            site, ran.json, before)


def plan_with_worker():
    with s.Site() as site:
        site.worker()
        children = [site.popen("plan", who, "--json")
                    for who in (ANNA, BOB, CAROL) * 3]
        out = []
        for child in children:
            ran = site.run_end(child)
            if ran.status != 0 or ran.json is None:
                out.append("%r" % ran)
        if site.changes():
            out.append("a plan has changed something")
        return out


def plan_without_answer():
    with s.Site(doors=["timeout = 1s"]) as site:
        site.fault("status", "doorflow", status=503)
        ran = site.run("plan", ANNA, "--json")
        out = [] if ran.status == 1 else ["%r" % ran]
        known = {x["system"]: x for x in ran.json["systems"]}
        if known["doors"]["answered"] or not known["data"]["answered"]:
            out.append("%s" % ran.out)
        return out


def exit_statuses():
    with s.Site() as site:
        out = []
        ran = site.start(BOB)
        if ran.status != 0:
            out.append("complete: %r" % ran)
        ran = site.start("erin.twin" + s.DOMAIN)
        if ran.status != 2:
            out.append("attention: %r" % ran)
        site.worker()
        site.fault("status", "acceldata", "DELETE", "/api-keys/",
                   status=503)
        child = site.popen("start", CAROL, "--yes", "--wait", "--json")
        if not s.until(10, lambda: (site.case("OB-000003") or {}).get(
                "status") == "running"):
            return out + ["never ran"]
        time.sleep(0.3)
        site.run("cancel", "OB-000003")
        ran = site.run_end(child, 20)
        if ran.status != 1:
            out.append("cancelled: %r" % ran)
        return out


tap.add("two workers: the second is refused, the first goes on",
        two_workers)
tap.add("nine plans at once through one worker", plan_with_worker)
tap.add("a plan that not every system answered: exit 1",
        plan_without_answer)
tap.add("--wait: 0 complete, 2 attention, 1 cancelled", exit_statuses)


def usage():
    with s.Site() as site:
        out = []
        for args in ((), ("nonsense",), ("start",), ("start", "--yes"),
                     ("start", "no-address", "--yes"),
                     ("start", ANNA, "more", "--yes"),
                     ("start", ANNA, "--colour", "--yes"),
                     ("start", ANNA, "--yes", "--handover", "nobody"),
                     ("start", ANNA, "--yes", "--handover", ANNA),
                     ("start", ANNA, "--yes", "--login", "a b"),
                     ("start", ANNA, "--yes", "--login", "-rf"),
                     ("start", ANNA, "--yes", "--name", "x" * 400),
                     ("start", ANNA, "--yes", "--reason", "a\x1b[31mb"),
                     ("start", "x" * 300 + s.DOMAIN, "--yes"),
                     ("start", "a@b@c.example", "--yes"),
                     ("start", "a b@c.example", "--yes"),
                     ("plan",), ("plan", "no-address"), ("show",),
                     ("show", "x"), ("show", "OB-0"), ("show", "OB--1"),
                     ("show", "OB-000001", "OB-000002"),
                     ("list", "--status", "nonsense"), ("list", "more"),
                     ("retry",), ("retry", "OB-000001", "doors/nonsense"),
                     ("retry", "OB-000001", "a", "b"), ("cancel",),
                     ("cancel", "x"), ("restore",), ("approve",),
                     ("task",), ("task", "done"), ("task", "done", "x",
                                                   "--note", "done it"),
                     ("task", "done", "1", "--note", ""),
                     ("run", "nonsense"), ("audit",), ("audit", "x"),
                     ("check", "x"), ("keys",), ("epoch",), ("host", "x")):
            ran = site.run(*args)
            if ran.status != 64 or not ran.err or ran.out:
                out.append("%s: %r" % (" ".join(args)[:60], ran))
        for args in (("show", "OB-000001"), ("retry", "OB-000001"),
                     ("cancel", "OB-000001"), ("restore", "OB-000001"),
                     ("task", "done", "7", "--note", "it is done")):
            ran = site.run(*args)
            if ran.status != 1 or not ran.err:
                out.append("%s: %r" % (" ".join(args), ran))
        # Nobody is there to say yes.
        out += [] if site.run("start", ANNA).status in (1, 64) else ["yes?"]
        for args in (("--help",), ("--version",)):
            child = subprocess.run([os.path.join(s.BUILD, "offboard")] +
                                   list(args), capture_output=True)
            if child.returncode != 0 or not child.stdout:
                out.append("%s: %s" % (args, child))
        if site.run("list").out or site.requests():
            out.append("something was recorded or asked")
        return out


CASE_KEYS = {"id": str, "status": str, "person": dict, "requested_at": str,
             "effective_at": str, "contained_at": str, "completed_at": str,
             "emergency": bool, "systems": list, "tasks": list}
PERSON_KEYS = {"email": str, "name": str, "login": str}
SYSTEM_KEYS = {"system": str, "kind": str, "account": str, "steps": list}
STEP_KEYS = {"phase": str, "state": str, "attempts": int, "at": str,
             "detail": str}
TASK_KEYS = {"id": int, "system": str, "text": str, "state": str}


def keyed(what, row, keys):
    out = []
    for key, kind in keys.items():
        if key not in row:
            out.append("%s has no %s" % (what, key))
        elif type(row[key]) is not kind:
            out.append("%s.%s is %r" % (what, key, row[key]))
    for key, value in row.items():
        if key.endswith("_at") or key == "at":
            if value is not None and not re.fullmatch(
                    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
                out.append("%s.%s is no instant: %r" % (what, key, value))
    return out


def json_keys():
    with s.Site() as site:
        site.worker()
        ran = site.start("grace.robot" + s.DOMAIN, "--handover", HEIR)
        case = ran.json
        out = want(case, "attention")
        if ran.out.count("\n") != 1:
            out.append("not one object on one line: %r" % ran.out[:200])
        out += keyed("task", case["tasks"][0], TASK_KEYS)
        site.run("task", "done", str(case["tasks"][0]["id"]), "--note",
                 "it is decided")
        case = s.until(5, lambda: (lambda c: c["status"] == "complete" and
                                   c)(site.case()))
        if not case:
            return out + ["closing the task does not complete it: " +
                          s.brief(site.case())]
        out += keyed("case", case, CASE_KEYS)
        out += keyed("person", case["person"], PERSON_KEYS)
        for system in case["systems"]:
            out += keyed("system", system, SYSTEM_KEYS)
            for step in system["steps"]:
                out += keyed("step", step, STEP_KEYS)
        if not (case["requested_at"] <= case["effective_at"] <=
                case["contained_at"] <= case["completed_at"]):
            out.append("instants are out of order: %s" % {
                k: v for k, v in case.items() if k.endswith("_at")})
        early = site.start(ANNA, "--at", stamp(time.time() + 3600),
                           wait=False).json
        if early["contained_at"] is not None or \
                early["completed_at"] is not None:
            out.append("\"not yet\" is not null: %s" % early)
        rows_ = site.run("list", "--json").rows()
        if [r["id"] for r in rows_] != ["OB-000002", "OB-000001"]:
            out.append("list: %s" % rows_)
        rows_ = site.run("list", "--status", "complete", "--json").rows()
        if [r["id"] for r in rows_] != ["OB-000001"]:
            out.append("list --status complete: %s" % rows_)
        return out


def single_step_retry():
    with s.Site() as site:
        before = site.state()
        site.start(ANNA, "--handover", HEIR)
        site.forget()
        ran = site.run("retry", "OB-000001", "doors/verify", "--wait",
                       "--json")
        out = want(ran.json, "complete")
        if any(r["system"] == "acceldata" for r in site.requests()) or \
                not site.requests():
            out.append("it asked %s" % {r["system"]
                                        for r in site.requests()})
        out += refused(site.run("retry", "OB-000001"), 1, "nothing")
        out += refused(site.run("retry", "OB-000001", "nosuch"), 1)
        return out + s.overall(site, ran.json, before)


tap.add("wrong usage: exit 64, said on stderr", usage)
tap.add("--json has the keys of the contract", json_keys)
tap.add("retry of a single step", single_step_retry)


def check_command():
    with s.Site() as site:
        ran = site.run("check")
        out = [] if ran.status == 0 else ["%r" % ran]
        site.secret("doors.token", "wrong")
        ran = site.run("check", "--json")
        known = {x["system"]: x["state"] for x in ran.rows()}
        if ran.status != 1 or known != {"doors": "refused", "data": "ok"}:
            out.append("%r" % ran)
        site.secret("doors.token", "demo-doorflow-token")
        site.fault("forbidden", "acceldata")
        ran = site.run("check", "--json")
        known = {x["system"]: x["state"] for x in ran.rows()}
        if ran.status != 1 or known["data"] == "ok":
            out.append("%r" % ran)
        if site.changes():
            out.append("the doctor has changed something")
        return out + site.leaks()


tap.add("check: the doctor changes nothing and says what is wrong",
        check_command)


# ---- the audit ----

COLUMNS = ("seq", "at", "actor", "event", "offboarding", "system", "phase",
           "detail", "prev", "hash")
NUMBERS = ("seq", "at", "offboarding")


def with_audit(site):
    """A record with a few rows, without the triggers that guard them."""
    site.start(ANNA, "--handover", HEIR)
    db = open_sqlite(site)
    for name in ("audit_no_update", "audit_no_delete"):
        db.execute("DROP TRIGGER " + name)
    db.commit()
    return db


def audit_changes():
    with s.Site() as site:
        site.run("list")
        db = with_audit(site)
        out = []
        n, = db.execute("SELECT count(*) FROM audit").fetchone()
        path = site.path("data", "record", "offboard.db")
        db.close()
        with open(path, "rb") as f:
            good = f.read()
        out += site.audit()
        changes = []
        for row in (1, n // 2, n):
            for c in COLUMNS:
                if c in NUMBERS:
                    changes.append((row, c, "%s + 1000" % c))
                    continue
                changes.append((row, c, "CASE WHEN %s = '' THEN 'x' WHEN "
                                "substr(%s, 1, 1) = 'e' THEN 'f' || "
                                "substr(%s, 2) ELSE 'e' || substr(%s, 2) "
                                "END" % (c, c, c, c)))
                changes.append((row, c, "%s || 'x'" % c))
                changes.append((row, c, "%s || char(0) || 'x'" % c))
                changes.append((row, c, "substr(%s, 1, length(%s) - 1) "
                                "|| 'ü'" % (c, c)))
        for row, c, change in changes:
            with open(path, "wb") as f:
                f.write(good)
            db = sqlite3.connect(path)
            db.execute("UPDATE audit SET %s = %s WHERE seq = %d" % (
                c, change, row))
            db.commit()
            db.close()
            ran = site.run("audit", "verify")
            if ran.status != 1:
                out.append("row %d, %s = %s: %r" % (row, c, change, ran))
            elif "row %d " % row not in ran.err:
                out.append("row %d, %s = %s is said to be: %s" % (
                    row, c, change, ran.err))
        return out


def audit_rows(sql, word):
    with s.Site() as site:
        db = with_audit(site)
        db.executescript(sql)
        db.commit()
        db.close()
        out = refused(site.run("audit", "verify"), 1, word)
        ran = site.run("audit", "verify", "--json")
        if ran.json is None or ran.json["good"] is not False:
            out.append("--json: %r" % ran)
        return out


def audit_guard():
    """The record itself refuses to change what is written."""
    with s.Site() as site:
        site.start(ANNA, "--handover", HEIR)
        db = open_sqlite(site)
        out = []
        for sql in ("UPDATE audit SET actor = 'x' WHERE seq = 2",
                    "DELETE FROM audit WHERE seq = 2",
                    "INSERT OR REPLACE INTO audit SELECT seq, at, 'x', "
                    "event, offboarding, system, phase, detail, prev, hash "
                    "FROM audit WHERE seq = 2"):
            try:
                db.execute(sql)
                out.append("not refused: " + sql)
                db.rollback()
            except sqlite3.Error:
                pass
        db.close()
        return out + site.audit()


tap.add("one changed column of any audit row is found, and named",
        audit_changes)
for text, sql, word in (
        ("the last row deleted",
         "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
         "missing at the end"),
        ("the last five rows deleted",
         "DELETE FROM audit WHERE seq > (SELECT max(seq) - 5 FROM audit)",
         "missing at the end"),
        ("all rows deleted", "DELETE FROM audit", "missing"),
        ("a row in the middle deleted", "DELETE FROM audit WHERE seq = 5",
         "row 5 "),
        ("the first row deleted", "DELETE FROM audit WHERE seq = 1",
         "row 1 "),
        ("the last rows and the head deleted", "DELETE FROM audit WHERE "
         "seq > 5; DELETE FROM meta WHERE key = 'audit_head'", "missing"),
        ("two rows exchanged", "UPDATE audit SET seq = -1 WHERE seq = 4;"
         "UPDATE audit SET seq = 4 WHERE seq = 5;"
         "UPDATE audit SET seq = 5 WHERE seq = -1", "row 4 ")):
    tap.add("audit verify: " + text, audit_rows, sql, word)
tap.add("the record refuses changes of the audit", audit_guard)


def locked_record():
    """Somebody holds the record for a while: later, not lost."""
    with s.Site() as site:
        before = site.state()
        site.worker()
        db = open_sqlite(site)
        db.isolation_level = None
        site.start(ANNA, "--handover", HEIR, wait=False)
        for _ in range(5):
            db.execute("BEGIN IMMEDIATE")
            time.sleep(0.15)
            db.execute("ROLLBACK")
            time.sleep(0.05)
        db.close()
        case = wait_over(site)
        return want(case, "complete") + (s.overall(site, case, before)
                                         if case else [])


tap.add("a record that others hold for moments", locked_record)

if __name__ == "__main__":
    print("# seed %d (SEED=%d repeats it)" % (SEED, SEED))
    sys.exit(tap.main())
