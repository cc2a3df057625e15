"""What the tests of the whole product share: a folder of its own, the
simulated company, the worker and the command, and an oracle that compares
what the record says with what is true in the company."""
import copy
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
DOMAIN = "@corp.example"
ANNA = "anna.fields" + DOMAIN
HEIR = "heir" + DOMAIN
OPEN_STATES = ("pending", "running", "waiting")
# What must never be seen outside the folder of secrets.
SECRETS = re.compile(
    rb"demo-doorflow-token|demo-client-secret|demo-refresh-\d|demo-access-\d|"
    rb"demo-acceldata-secret|AK-demo-operator|SECRET-|AK-[\w.]+-\d{3}")


def staff(email, doorflow=None, acceldata=None, first=None, last="Person"):
    """One row of a company file."""
    row = {"email": email + DOMAIN, "last": last,
           "first": first or email.split(".")[0].title()}
    if doorflow is not None:
        row["doorflow"] = doorflow
    if acceldata is not None:
        row["acceldata"] = acceldata
    return row


def anna(keys=60, **more):
    """The person who leaves in most tests: something of everything."""
    data = {"groups": ["Data engineers", "Pipeline owners",
                       "Production access"], "roles": ["admin"],
            "keys": keys, "pipelines": ["orders-daily", "churn-model"],
            "attributes": {"team": ["data"]}}
    data.update(more)
    return staff("anna.fields", {
        "groups": ["All staff", "Server room"], "roles": ["Office hours"],
        "reservations": 1, "group_reservations": 1, "department": "Data",
        "credentials": ["card", "pin", "mobile"]}, data, "Anna", "Fields")


def company(people=None, **more):
    """A small company with the traps of the big one, and quick doors."""
    rows = people if people is not None else [
        staff("joanna.fields", {"groups": ["All staff"], "roles": 1},
              {"groups": ["Analysts"], "keys": 2}, "Joanna", "Fields"),
        anna(6),
        staff("anna.fields2", {"groups": ["All staff"]},
              {"groups": ["Analysts"], "keys": 1}, "Anna", "Fields"),
        staff("bob.stone", {"groups": ["All staff", "Warehouse"],
                            "group_reservations": 1}),
        staff("carol.reyes", None, {"groups": ["Data engineers"],
                                    "keys": 3}),
        staff("dave.hill", {"email": "Dave.Hill@CORP.example",
                            "groups": ["All staff", "Car park"]},
              {"groups": ["Analysts"], "keys": 1}),
        staff("erin.twin", {"groups": ["All staff"], "copies": 2},
              {"groups": ["Analysts"], "keys": 1}),
        staff("frank.idp", {"groups": ["All staff"]},
              {"scim": True, "groups": ["From the directory"], "keys": 2}),
        staff("grace.robot", {"groups": ["All staff"]},
              {"groups": ["Analysts"], "service_users": ["svc-loader"]}),
        staff("heir", {"groups": ["All staff"]},
              {"groups": ["Data engineers"], "pipelines": ["stock-hourly"]}),
        staff("it.admin", {"groups": ["All staff", "Server room"]},
              {"operator": True, "roles": ["admin"],
               "service_users": ["svc-monitor"]}),
    ]
    form = {"fillers": 6, "sync_limit_ms": 50, "sync_time_ms": 30,
            "revoke_ms": 50, "staff": rows}
    form.update(more)
    return form


class Ran:
    """What a command has said."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()
                if line.startswith("{")]

    @property
    def json(self):
        rows = self.rows()
        return rows[-1] if rows else None

    def __repr__(self):
        return "exit %d, stdout %r, stderr %r" % (
            self.status, self.out[-500:], self.err[-500:])


def until(seconds, what, pause=0.02):
    """Polls until WHAT is true; its value, or None when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            return None
        time.sleep(pause)


class Site:
    """One company, one record, one configuration."""
    alive, ending = [], False

    def __init__(self, form=None, builtin=False, dialect="found",
                 auth="token", offboard=(), doors=(), data=(),
                 systems=("doors", "data"), extra="", parent=None,
                 args=()):
        while Site.ending:
            time.sleep(1)
        self.dir = tempfile.mkdtemp(prefix="offboard-test.", dir=parent)
        os.chmod(self.dir, 0o755)
        self.children = []
        self.workers = []
        self.said = []
        self.lock = threading.Lock()
        # To run the product's programs in: a command, and its view of "/".
        self.prefix, self.root = [], ""
        self.dialect, self.auth = dialect, auth
        self.sandbox = None
        Site.alive.append(self)
        try:
            self._start_sandbox(None if builtin else form or company(), args)
            self._secrets()
            self.conf = os.path.join(self.dir, "offboard.conf")
            self.write_conf(offboard, doors, data, systems, extra)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def path(self, *names):
        return os.path.join(self.dir, *names)

    # ---- the parts ----

    def _popen(self, name, argv, **more):
        with open(self.path(name + ".log"), "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=log, **more)
        self.children.append(child)
        return child

    def _start_sandbox(self, form, args):
        argv = [os.path.join(BUILD, "sandbox"), "--doorflow", "0",
                "--acceldata", "0", "--control", "0", "--ports-file",
                self.path("ports"), "--log", self.path("requests.log"),
                "--dialect", self.dialect] + list(args)
        if form is not None:
            with open(self.path("company.json"), "w") as f:
                json.dump(form, f)
            argv += ["--company", self.path("company.json")]
        self.sandbox = self._popen("sandbox", argv)
        if not until(15, lambda: os.path.exists(self.path("ports")) or
                     self.sandbox.poll() is not None, 0.005) or \
                self.sandbox.poll() is not None:
            raise RuntimeError("the simulated company did not start: " +
                               self.log("sandbox"))
        self.ports = {}
        with open(self.path("ports")) as f:
            for line in f:
                key, _, value = line.strip().partition("=")
                self.ports[key] = int(value)

    def _secrets(self):
        os.mkdir(self.path("secrets"), 0o700)
        os.mkdir(self.path("data"), 0o755)
        self.secret("doors.token", "demo-doorflow-token")
        self.secret("doors.client", "demo-client-secret")
        self.secret("doors.refresh", "demo-refresh-1")
        self.secret("data.key", "AK-demo-operator")
        self.secret("data.secret", "demo-acceldata-secret")

    def secret(self, name, value, mode=0o600):
        path = self.path("secrets", name)
        with open(path, "w") as f:
            f.write(value + "\n")
        os.chmod(path, mode)
        return path

    def doors_section(self, more=()):
        auth = "auth = token\ntoken_file = %s\n" % self.path(
            "secrets", "doors.token")
        if self.auth == "oauth":
            auth = "".join("%s = %s\n" % pair for pair in (
                ("auth", "oauth"), ("client_id", "demo-client"),
                ("client_secret_file", self.path("secrets", "doors.client")),
                ("refresh_token_file",
                 self.path("secrets", "doors.refresh"))))
        guide = "credential_action = disable\n" if self.dialect == "guide" \
            and not any("credential_action" in m for m in more) else ""
        return "[system doors]\nkind = doorflow\n" \
            "url = http://127.0.0.1:%d\n%s%s%s" % (
                self.ports["doorflow"], auth, guide,
                "".join(m + "\n" for m in more))

    def data_section(self, more=()):
        guide = "put_mode = minimal\ngroup_body = group_ids\n" \
            if self.dialect == "guide" else ""
        return "[system data]\nkind = acceldata\nurl = http://127.0.0.1:%d\n" \
            "access_key_file = %s\nsecret_key_file = %s\n" \
            "client_id = adoc-demo\n%s%s" % (
                self.ports["acceldata"], self.path("secrets", "data.key"),
                self.path("secrets", "data.secret"), guide,
                "".join(m + "\n" for m in more))

    def write_conf(self, offboard=(), doors=(), data=(),
                   systems=("doors", "data"), extra=""):
        text = "[offboard]\ndata_dir = %s\n%s" % (
            self.path("data"), "".join(m + "\n" for m in offboard))
        if "doors" in systems:
            text += self.doors_section(doors)
        if "data" in systems:
            text += self.data_section(data)
        with open(self.conf, "w") as f:
            f.write(text + extra)

    # ---- the command and the worker ----

    def env(self):
        keep = ("PATH", "LANG", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS")
        return {k: os.environ[k] for k in keep if k in os.environ}

    def popen(self, *args, prefix=()):
        """The command in the background; its end is run_end()'s."""
        child = subprocess.Popen(
            self.prefix + list(prefix) + [
                os.path.join(BUILD, "offboard"), "-c", self.conf] +
            list(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.env())
        with self.lock:
            self.children.append(child)
        return child

    def run_end(self, child, timeout=60):
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            err += b" [killed by the test after %d s]" % timeout
        with self.lock:
            self.said += [out, err]
        return Ran(child.returncode, out.decode(errors="replace"),
                   err.decode(errors="replace"))

    def run(self, *args, timeout=60, prefix=()):
        return self.run_end(self.popen(*args, prefix=prefix), timeout)

    def case(self, ident="OB-000001"):
        ran = self.run("show", ident, "--json")
        return ran.json

    def start(self, who=ANNA, *more, wait=True, timeout=60):
        args = ["start", who, "--yes", "--json"] + list(more)
        return self.run(*(args + ["--wait"] if wait else args),
                        timeout=timeout)

    def worker(self):
        """Starts offboardd and waits until it listens."""
        sock = self.root + self.path("data", "record", "worker.sock")
        if os.path.exists(sock):
            os.unlink(sock)
        child = self._popen("worker", self.prefix + [
            os.path.join(BUILD, "offboardd"), "-c", self.conf],
            env=self.env())
        self.workers.append(child)
        if not until(15, lambda: os.path.exists(sock) or
                     child.poll() is not None, 0.005) or \
                child.poll() is not None:
            raise RuntimeError("offboardd did not start: " +
                               self.log("worker")[-500:])
        return child

    def stop(self, child=None, sig=signal.SIGTERM, timeout=20):
        """Ends a worker; its exit status, None when it does not end."""
        child = child or self.workers[-1]
        if child.poll() is None:
            child.send_signal(sig)
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None

    def log(self, name):
        try:
            with open(self.path(name + ".log"), errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def close(self):
        if self in Site.alive:
            Site.alive.remove(self)
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            for pipe in (child.stdout, child.stderr):
                if pipe is not None:
                    pipe.close()
        if os.environ.get("KEEP") != "1":
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- the company's control port ----

    def control(self, path, body=None, method=None):
        link = http.client.HTTPConnection("127.0.0.1", self.ports["control"],
                                          timeout=30)
        try:
            link.request(method or ("GET" if body is None else "POST"), path,
                         None if body is None else json.dumps(body))
            answer = link.getresponse()
            return json.loads(answer.read() or b"null")
        finally:
            link.close()

    def fault(self, kind, system="*", method="*", path="", **more):
        row = dict(kind=kind, system=system, method=method, path=path, **more)
        answer = self.control("/fault", row)
        if not answer or not answer.get("ok"):
            raise RuntimeError("no such fault: %r: %r" % (row, answer))

    def heal(self):
        self.control("/faults", method="DELETE")

    def state(self):
        return self.control("/state")

    def requests(self):
        return self.control("/requests")

    def forget(self):
        self.control("/requests", method="DELETE")

    def changes(self, rows=None):
        """Requests that change something, tokens aside."""
        return [r for r in (self.requests() if rows is None else rows)
                if r["method"] != "GET" and "/oauth/" not in r["path"]]

    def change(self, email, **more):
        return self.control("/change", dict(email=email, **more))

    def door(self, email, door="Main entrance"):
        return self.control("/door", {"email": email, "door": door})

    def channel(self, name, status, **more):
        return self.control("/channel", dict(name=name, status=status,
                                             **more))

    def settings(self, **more):
        return self.control("/settings", more)

    # ---- what must hold whatever happened ----

    def record_bytes(self):
        text = b""
        for folder, _, names in os.walk(self.path("data")):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as f:
                        text += f.read()
        return text

    def worker_bytes(self):
        """Arguments and environment of running workers."""
        text = b""
        for child in self.workers:
            if child.poll() is not None:
                continue
            for name in ("cmdline", "environ"):
                try:
                    with open("/proc/%d/%s" % (child.pid, name), "rb") as f:
                        text += f.read()
                except OSError:
                    pass
        return text

    def leaks(self):
        """Where a secret was seen that should not be there."""
        with self.lock:
            said = b"\n".join(self.said)
        places = {"the record": self.record_bytes(), "what was said": said,
                  "the worker's log": self.log("worker").encode(),
                  "/proc of the worker": self.worker_bytes()}
        found = []
        for place, text in places.items():
            hit = SECRETS.search(text)
            if hit:
                found.append("%s holds %s" % (place, text[
                    max(0, hit.start() - 60):hit.end() + 20]))
        return found

    def audit(self):
        ran = self.run("audit", "verify")
        return [] if ran.status == 0 else ["audit verify: %r" % ran]


# ---- reading a case ----

def steps(case):
    """{"doors/contain": step}"""
    return {"%s/%s" % (s["system"], st["phase"]): st
            for s in case["systems"] for st in s["steps"]}


def states(case):
    return {k: st["state"] for k, st in steps(case).items()}


def brief(case):
    if case is None:
        return "no case"
    return case["status"] + " " + "; ".join(
        "%s %s(%d) %s" % (k, st["state"], st["attempts"], st["detail"])
        for k, st in steps(case).items())


def is_quiet(case):
    """Nothing runs, and nothing will within the next moments."""
    return not any(st["state"] in ("running", "pending")
                   for st in steps(case).values())


# ---- the oracle ----

def same(a, b):
    return a.lower() == b.lower()


def _doors_left(state, who, account, conf):
    """What the person still has there, by phase."""
    t = state["doorflow"]
    people = [p for p in t["people"] if account in (None, str(p["id"]))
              and same(p["email"], who)]
    ids = [p["id"] for p in people]
    left = {"contain": [], "revoke": []}
    for p in people:
        if p["enabled"]:
            left["contain"].append("person %s is enabled" % p["id"])
        left["revoke"] += ["group %s" % g for g in p["groups"]]
        left["revoke"] += ["role %s" % r for r in p["roles"]]
    for table in ("reservations", "group_reservations"):
        left["revoke"] += ["%s %s" % (table, r["id"]) for r in t[table]
                           if r["person_id"] in ids and
                           r.get("state") != "deactivated"]
    action = conf.get("credential_action", "none")
    for c in t["credentials"]:
        if c["person_id"] in ids and (
                action == "delete" and c.get("status") != "revoked" or
                action == "disable" and c.get("_enabled", True)):
            left["revoke"].append("credential %s" % c["id"])
    if conf.get("sync", "required") == "required":
        left["contain"] += ["door %s opens" % d for d, whom in
                            state["doors"].items()
                            if any(same(w, who) for w in whom)]
    return left


def _data_left(state, who, account):
    t = state["acceldata"]
    users = [u for u in t["users"] if account in (None, str(u["userId"]))
             and same(u["email"], who)]
    ids = [u["userId"] for u in users]
    left = {"contain": ["user %s is enabled" % u["userId"] for u in users
                        if u["enabled"]], "revoke": []}
    for u in users:
        left["revoke"] += ["group %s" % g for g in u["groups"]]
        left["revoke"] += ["role %s" % r for r in u["roles"]]
    left["revoke"] += ["key %s" % k["accessKey"] for k in t["api_keys"]
                       if k["userId"] in ids]
    left["handover"] = ["pipeline %s" % p["uid"] for p in t["pipelines"]
                        if same(p["meta"]["owner"], who)]
    return left


def lies(case, state, conf=None):
    """Steps that say more than is true. [] when there are none."""
    conf = conf or {}
    who, out = case["person"]["email"], []
    for system in case["systems"]:
        if system["kind"] not in ("doorflow", "acceldata"):
            continue
        known = {st["phase"]: st["state"] for st in system["steps"]}
        if system["kind"] == "doorflow":
            left = _doors_left(state, who, system["account"], conf)
            exact = [p for p in state["doorflow"]["people"]
                     if same(p["email"], who)]
        else:
            left = _data_left(state, who, system["account"])
            exact = [u for u in state["acceldata"]["users"]
                     if same(u["email"], who)]
            if not case.get("handover"):
                left["handover"] = []
        left["verify"] = sum(left.values(), [])
        if "absent" in known.values() and exact:
            out.append("%s says absent, but %s is there" % (
                system["system"], who))
        if len(exact) > 1 and "verified" in known.values():
            out.append("%s is there %d times, but a step is verified" % (
                who, len(exact)))
        for phase, what in left.items():
            if known.get(phase) == "verified" and what:
                out.append("%s/%s is verified, but: %s" % (
                    system["system"], phase, ", ".join(what[:5])))
    if case["status"] == "complete":
        for k, s in states(case).items():
            if s not in ("verified", "absent", "manual", "done"):
                out.append("complete, but %s is %s" % (k, s))
        if any(t["state"] == "open" for t in case["tasks"]):
            out.append("complete, but a task is open")
    return out


def _without(state, emails):
    """The company without these people, in a form that can be compared."""
    gone = [e.lower() for e in emails]
    state = copy.deepcopy(state)
    df, ad = state["doorflow"], state["acceldata"]
    pids = [p["id"] for p in df["people"] if p["email"].lower() in gone]
    uids = [u["userId"] for u in ad["users"] if u["email"].lower() in gone]
    return {
        "people": [p for p in df["people"] if p["id"] not in pids],
        "credentials": [c for c in df["credentials"]
                        if c["person_id"] not in pids],
        "reservations": [r for r in df["reservations"]
                         if r["person_id"] not in pids],
        "group_reservations": [r for r in df["group_reservations"]
                               if r["person_id"] not in pids],
        "rules": df["notification_rules"],
        "df_groups": df["groups"], "df_roles": df["roles"],
        "users": [u for u in ad["users"] if u["userId"] not in uids],
        "api_keys": [k for k in ad["api_keys"] if k["userId"] not in uids],
        "service_users": ad["service_users"],
        "ad_groups": ad["groups"], "ad_roles": ad["roles"],
        "junk": ad["junk_pipelines"],
        "pipelines": sorted((p for p in ad["pipelines"]
                             if p["meta"]["owner"].lower() not in gone),
                            key=lambda p: p["id"]),
        "doors": {d: sorted(w for w in whom if w.lower() not in gone)
                  for d, whom in state["doors"].items()},
    }


def touched(before, after, emails):
    """What has changed for anybody but these people."""
    lower = [e.lower() for e in emails]
    a, b = _without(before, emails), _without(after, emails)
    given = {p["id"] for p in before["acceldata"]["pipelines"]
             if p["meta"]["owner"].lower() in lower}
    b["pipelines"] = [p for p in b["pipelines"] if p["id"] not in given]
    return ["%s: %s" % (k, _first_difference(a[k], b[k]))
            for k in a if a[k] != b[k]]


def _first_difference(a, b):
    if isinstance(a, list):
        gone = [x for x in a if x not in b]
        new = [x for x in b if x not in a]
    else:
        gone = {k: v for k, v in a.items() if b.get(k) != v}
        new = {k: v for k, v in b.items() if a.get(k) != v}
    return ("was %s, is %s" % (json.dumps(gone), json.dumps(new)))[:400]


def pipelines_lost(before, after, who, heirs):
    """Pipelines of the person that are not whole, or with a stranger."""
    now = {p["id"]: p for p in after["acceldata"]["pipelines"]}
    out = []
    for p in before["acceldata"]["pipelines"]:
        if not same(p["meta"]["owner"], who):
            continue
        q = copy.deepcopy(now.get(p["id"]))
        if q is None:
            out.append("pipeline %s is gone" % p["uid"])
            continue
        if not any(same(q["meta"]["owner"], h) for h in heirs):
            out.append("pipeline %s belongs to %s" % (
                p["uid"], q["meta"]["owner"]))
        q["meta"]["owner"] = p["meta"]["owner"]
        for stamp in ("updatedAt", "updatedBy"):
            q.pop(stamp, None)
        if {k: v for k, v in p.items() if k not in
                ("updatedAt", "updatedBy")} != q:
            out.append("pipeline %s was %s and is %s" % (p["uid"], p, q))
    return out


def silent(case):
    """Open or failed steps without a sentence that names their system."""
    out = []
    for system in case["systems"]:
        for st in system["steps"]:
            if st["state"] in ("failed", "unclear") and (
                    not st["detail"] or
                    system["system"] not in st["detail"]):
                out.append("%s/%s %s says only \"%s\"" % (
                    system["system"], st["phase"], st["state"],
                    st["detail"]))
            if st["state"] not in ("pending", "running") and \
                    not st["detail"]:
                out.append("%s/%s %s has no sentence" % (
                    system["system"], st["phase"], st["state"]))
    return out


def overall(site, case, before, conf=None, who=None, heirs=(HEIR,)):
    """Every rule that has no exception, after any run."""
    who = who or case["person"]["email"]
    after = site.state()
    return (lies(case, after, conf) + touched(before, after, [who]) +
            pipelines_lost(before, after, who, [who] + list(heirs)) +
            silent(case) + site.audit() + site.leaks())


# ---- TAP ----

def ended(number, _):
    """Told to end: nothing of ours is left behind."""
    Site.ending = True
    seen = set()
    # Twice, for what another thread was just about to start.
    for pause in (0.1, 0):
        seen |= set(Site.alive)
        for site in seen:
            for child in site.children:
                if child.poll() is None:
                    child.kill()
            shutil.rmtree(site.dir, ignore_errors=True)
        time.sleep(pause)
    os._exit(128 + number)


class Skip(Exception):
    """This test cannot be had here, and why."""


class Tap:
    """Runs named tests, several at once, and prints in their order."""

    def __init__(self, jobs=4):
        self.jobs = jobs
        self.tests = []

    def add(self, text, fn, *args, **more):
        self.tests.append((text, fn, args, more))

    def _one(self, at, results):
        text, fn, args, more = self.tests[at]
        began = time.monotonic()
        try:
            problems = fn(*args, **more) or []
            if isinstance(problems, str):
                problems = [problems]
            skip = None
        except Skip as s:
            problems, skip = [], str(s)
        except Exception as e:
            import traceback
            problems, skip = [traceback.format_exc()], None
        results[at] = (problems, skip, time.monotonic() - began)

    def _say(self, at, result):
        problems, skip, took = result
        text = self.tests[at][0]
        if problems:
            print("not ok %d - %s" % (at + 1, text))
            for p in problems:
                for line in str(p).splitlines():
                    print("# " + line[:1500])
        else:
            print("ok %d - %s%s" % (at + 1, text, " # SKIP " + skip
                                    if skip is not None else ""))
        if os.environ.get("TIMES"):
            print("# %.2f s" % took)
        sys.stdout.flush()
        return bool(problems)

    def main(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ended)
        only = re.compile(os.environ.get("ONLY", ""))
        self.tests = [t for t in self.tests if only.search(t[0])]
        results, todo = {}, list(range(len(self.tests)))
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    if not todo:
                        return
                    at = todo.pop(0)
                self._one(at, results)

        threads = [threading.Thread(target=work) for _ in range(self.jobs)]
        for t in threads:
            t.start()
        bad = 0
        for at in range(len(self.tests)):
            while at not in results:
                time.sleep(0.01)
            bad += self._say(at, results[at])
        for t in threads:
            t.join()
        print("1..%d" % len(self.tests))
        return 1 if bad else 0
