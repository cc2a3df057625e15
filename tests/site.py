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
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
DOMAIN = "@corp.example"
ANNA = "anna.fields" + DOMAIN
HEIR = "heir" + DOMAIN
OPEN_STATES = ("pending", "running", "waiting")
# What must never be seen outside the folder of secrets.
SECRETS = re.compile(
    rb"demo-doorflow-token|demo-client-secret|demo-refresh-\d|demo-access-\d|"
    rb"demo-acceldata-secret|AK-demo-operator|SECRET-|AK-[\w.]+-\d{3}|"
    rb"demo-fastio-(token|readonly)|demo-vanta-secret|vat_SECRET-|"
    rb"demo-scim-token|whsec_[\w+/]{8}")
FILES_ORG = "9412870056310027841"
ACKNOWLEDGER = "5df91759d463fd48218e9f15"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# A folder in memory, where there is one: an fsync is nothing to it.
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
# The sections that offboard.conf may have, and their kinds.
KINDS = {"doors": "doorflow", "data": "acceldata", "files": "fastio",
         "compliance": "vanta", "directory": "scim"}


def staff(email, doorflow=None, acceldata=None, first=None, last="Person",
          employee_id=None, **more):
    """One row of a company file. MORE: fastio, vanta, scim."""
    row = {"email": email + DOMAIN, "last": last,
           "first": first or email.split(".")[0].title()}
    more.update(doorflow=doorflow, acceldata=acceldata,
                employee_id=employee_id)
    row.update((k, v) for k, v in more.items() if v is not None)
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
                 args=(), files=(), compliance=(), directory=(),
                 sandbox=True):
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
            if sandbox:
                self._start_sandbox(None if builtin else form or company(),
                                    args)
            self._secrets()
            self.conf = os.path.join(self.dir, "offboard.conf")
            self.write_conf(offboard, doors, data, systems, extra,
                            files=files, compliance=compliance,
                            directory=directory)
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
        self.secret("files.token", "demo-fastio-token")
        self.secret("compliance.secret", "demo-vanta-secret")
        self.secret("directory.token", "demo-scim-token")
        self.secret("webhook.secret", WEBHOOK_SECRET)

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

    def _section(self, name, lines, more):
        """A section; a key in MORE takes the place of the one in LINES."""
        keys = [m.split("=")[0].strip() for m in more]
        return "[system %s]\nkind = %s\n" % (name, KINDS[name]) + "".join(
            line + "\n" for line in [x for x in lines if x.split(
                "=")[0].strip() not in keys] + list(more))

    def files_section(self, more=()):
        lines = ["url = http://127.0.0.1:%d" % self.ports["fastio"],
                 "token_file = " + self.path("secrets", "files.token"),
                 "org = " + FILES_ORG]
        if self.dialect == "guide":
            lines.append("profile = guide")
        return self._section("files", lines, more)

    def compliance_section(self, more=()):
        lines = ["url = http://127.0.0.1:%d" % self.ports["vanta"],
                 "client_id = demo-vanta", "client_secret_file = " +
                 self.path("secrets", "compliance.secret"),
                 "acknowledger = " + ACKNOWLEDGER, "rate = 0"]
        if self.dialect == "guide":
            lines.append("offboard_body = legacy")
        return self._section("compliance", lines, more)

    def directory_section(self, more=()):
        return self._section("directory", [
            "url = http://127.0.0.1:%d/scim/v2" % self.ports["scim"],
            "token_file = " + self.path("secrets", "directory.token")], more)

    def notify_section(self):
        return "[notify]\nsmtp_url = smtp://127.0.0.1:%d\n" \
            "from = offboard%s\nsecurity = security%s\nhr = hr%s\n" \
            "facilities = desk%s\nwebhook_url = http://127.0.0.1:%d/ended\n" \
            "webhook_secret_file = %s\n" % (
                self.ports["smtp"], DOMAIN, DOMAIN, DOMAIN, DOMAIN,
                self.ports["hook"], self.path("secrets", "webhook.secret"))

    def write_conf(self, offboard=(), doors=(), data=(),
                   systems=("doors", "data"), extra="", files=(),
                   compliance=(), directory=()):
        text = "[offboard]\ndata_dir = %s\n%s" % (
            self.path("data"), "".join(m + "\n" for m in offboard))
        if "doors" in systems:
            text += self.doors_section(doors)
        if "data" in systems:
            text += self.data_section(data)
        if "files" in systems:
            text += self.files_section(files)
        if "compliance" in systems:
            text += self.compliance_section(compliance)
        if "directory" in systems:
            text += self.directory_section(directory)
        if "notify" in systems:
            text += self.notify_section()
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

    def is_stuck(self, phase=""):
        """Does the record show a case of which nothing can be done now? With
        a PHASE, only once that was tried."""
        try:
            link = sqlite3.connect("file:%s?mode=ro" % self.path(
                "data", "record", "offboard.db"), uri=True, timeout=1)
        except sqlite3.Error:
            return False
        try:
            rows = link.execute(
                "SELECT state, due_at, failures, waiting_since, phase, "
                "first_at FROM step").fetchall()
        except sqlite3.Error:
            rows = []
        link.close()
        if phase and not any(r[4] == phase and r[5] for r in rows):
            return False
        rows = [r[:4] for r in rows]
        now = time.time() * 1000
        # Two that fail in turn leave no moment without one of them.
        turns = sum(failures > 0 for _, _, failures, _ in rows) > 1
        if not rows or any(
                not (turns and failures) and (
                    state == "running" or due <= now and state in OPEN_STATES
                    and (state, due) != ("pending", 0))
                for state, due, failures, _ in rows):
            return False
        # One that only waits for another step is not stuck before long.
        return any(failures and state == "waiting"
                   for state, _, failures, _ in rows) or not any(
            state == "waiting" and due - now < 1200 and now - since < 2000
            for state, due, _, since in rows)

    def stuck(self, *args, timeout=20):
        """A command with --wait, told to end as soon as all there is to do
        is done or waits."""
        child = self.popen(*args, "--wait")
        phase = "restore" if args[0] == "restore" else ""
        until(timeout, lambda: child.poll() is not None or
              self.is_stuck(phase), 0.02)
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        return self.run_end(child)

    def fresh(self):
        """An empty record and the company of the start."""
        for child in self.workers:
            self.stop(child)
        shutil.rmtree(self.path("data"))
        os.mkdir(self.path("data"), 0o755)
        self.control("/reset", method="POST")

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
        """Everything but the worker's own folder of keys and tokens."""
        text = b""
        for folder, _, names in os.walk(self.path("data")):
            for name in names if os.path.basename(folder) != "keys" else ():
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
        for folder, _, names in os.walk(self.path("data", "keys")):
            found += ["%s can be read by others" % x for x in names if
                      os.stat(os.path.join(folder, x)).st_mode & 0o77]
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


def _places(t):
    """The organization, and its workspaces and shares."""
    for o in t["orgs"] + t["workspaces"] + t["shares"]:
        if FILES_ORG in (o["id"], o.get("org_id")):
            yield o


def _is_over(row):
    return (row.get("expires") or "9") <= time.strftime(
        "%Y-%m-%d %H:%M:%S", time.gmtime())


def files_seats(state, who, account=None):
    """(place, row) of each membership, and the places invited to."""
    t = state["fastio"]
    ids = [account] if account in t["users"] else [
        k for k, u in t["users"].items() if same(u["email"], who)]
    seats = [(o, o["_members"][i]) for o in _places(t) for i in ids
             if i in o["_members"]]
    ours = {o["id"]: o for o in _places(t)}
    return seats, [ours[i["_place"]] for i in t["invites"]
                   if i["state"] == "pending" and not _is_over(i) and
                   i["_place"] in ours and same(i["email"], who)]


def _files_people(state, who):
    """Ids of those who are there with this address."""
    t = state["fastio"]
    ids = [k for k, u in t["users"].items() if same(u["email"], who) and
           not u.get("_gone")]
    if state["dialect"] == "guide":
        return ids
    return [k for k in ids if any(k in o["_members"] for o in _places(t)) or
            any(i["_user_id"] == k and i["state"] == "pending" and
                not _is_over(i) for i in t["invites"])]


def _files_left(state, who, account, conf):
    t, left = state["fastio"], {}
    seats, invites = files_seats(state, who, account)
    if state["dialect"] == "guide":
        ids = [account] if account else _files_people(state, who)
        left["contain"] = ["user %s is active" % k for k in ids
                           if not t["users"][k].get("_gone") and
                           t["users"][k].get("_status") != "suspended"]
        left["revoke"] = ["%s of %s" % (table, r["user_id"])
                          for table in ("sessions", "api_tokens", "webhooks")
                          for r in t[table] if r["user_id"] in ids]
        left["handover"] = ["owner of " + o["name"] for o, m in seats
                            if m["permissions"] == "owner" and
                            o["_kind"] == "workspace"]
        left["remove"] = ["member of " + o["name"] for o, m in seats
                          if o["_kind"] == "org"]
        if conf.get("remove") == "off":
            left["remove"] = []
        return left
    left["contain"] = ["%s of %s" % (m["permissions"], o["name"])
                       for o, m in seats if not _is_over(m)]
    left["revoke"] = ["invited to " + o["name"] for o in invites]
    left["handover"] = ["owner of " + o["name"] for o, m in seats
                        if m["permissions"] == "owner"]
    left["remove"] = ["%s of %s" % (m["permissions"], o["name"])
                      for o, m in seats if conf.get("remove") != "off"]
    return left


def vanta_complete(p):
    return p["employment"]["status"] == "FORMER" and \
        p["tasksSummary"]["status"] == "OFFBOARDING_COMPLETE"


def _compliance_left(state, who, account):
    """An acknowledgement: it never says that access has ended."""
    open_ = ["person %s is %s, %s" % (
        k, p["employment"]["status"], p["tasksSummary"]["status"])
        for k, p in state["vanta"]["people"].items() if (
            k == account if account else same(p["emailAddress"], who)) and
        not vanta_complete(p)]
    never = ["Vanta ends no access"]
    return {"contain": never, "revoke": never, "handover": never,
            "restore": never, "remove": open_, "verify": open_}


def scim_is(u, who):
    return same(u["userName"], who) or any(
        same(m["value"], who) for m in u.get("emails") or ())


def _directory_left(state, who, account):
    """Groups are nothing to a user who is inactive."""
    users = [u for u in state["scim"]["users"].values() if (
        u["id"] == account if account else scim_is(u, who)) and
        u.get("active", True) is not False]
    return {"contain": ["user %s is active" % u["id"] for u in users],
            "revoke": ["group " + g for u in users
                       for g in u.get("_groups") or ()],
            "remove": ["user %s is there" % u["id"] for u in users]}


def _left(case, system, state, who, conf):
    """What there still is, by phase, and how many fit the address."""
    kind, account = system["kind"], system["account"]
    if kind == "doorflow":
        return _doors_left(state, who, account, conf), \
            [p for p in state["doorflow"]["people"] if same(p["email"], who)]
    if kind == "acceldata":
        left = _data_left(state, who, account)
        if not case.get("handover"):
            left["handover"] = []
        return left, [u for u in state["acceldata"]["users"]
                      if same(u["email"], who)]
    if kind == "fastio":
        return _files_left(state, who, account, conf), \
            _files_people(state, who)
    if kind == "vanta":
        return _compliance_left(state, who, account), \
            [p for p in state["vanta"]["people"].values()
             if same(p["emailAddress"], who)]
    return _directory_left(state, who, account), \
        [u for u in state["scim"]["users"].values() if scim_is(u, who)]


def lies(case, state, conf=None):
    """Steps that say more than is true. [] when there are none."""
    conf = conf or {}
    who, out = case["person"]["email"], []
    for system in case["systems"]:
        if system["kind"] not in KINDS.values():
            continue
        known = {st["phase"]: st["state"] for st in system["steps"]}
        left, exact = _left(case, system, state, who, conf)
        left.setdefault("verify", sum(left.values(), []))
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
    df, ad, sc = state["doorflow"], state["acceldata"], state["scim"]
    pids = [p["id"] for p in df["people"] if p["email"].lower() in gone]
    uids = [u["userId"] for u in ad["users"] if u["email"].lower() in gone]
    more = {"vanta_people": {
        k: p for k, p in state["vanta"]["people"].items()
        if p["emailAddress"].lower() not in gone},
        "vanta_groups": state["vanta"]["groups"],
        "scim_users": {k: u for k, u in sc["users"].items()
                       if not any(scim_is(u, e) for e in gone)},
        "scim_groups": [{k: v for k, v in g.items() if k != "meta"}
                        for g in sc["groups"]]}
    more.update(_files_without(state["fastio"], gone))
    more.update({
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
    })
    return more


def _files_without(t, gone):
    ids = [k for k, u in t["users"].items() if u["email"].lower() in gone]
    out = {"files_users": {k: u for k, u in t["users"].items()
                           if k not in ids},
           "files_invites": [i for i in t["invites"]
                             if i["email"].lower() not in gone],
           "files_keys": t["keys"],
           "files_members": {
               "%s %s %s" % (o["_kind"], o["id"], k): dict(m, name=o["name"])
               for o in t["orgs"] + t["workspaces"] + t["shares"]
               for k, m in o["_members"].items() if k not in ids}}
    for table in ("sessions", "api_tokens", "webhooks"):
        out["files_" + table] = [r for r in t[table]
                                 if r["user_id"] not in ids]
    return out


def _gains(t, gone, heirs):
    """Seats that an heir may gain: where these people own something."""
    ids = [k for k, u in t["users"].items() if u["email"].lower() in gone]
    to = [k for k, u in t["users"].items() if u["email"].lower() in heirs]
    return ["%s %s %s" % (o["_kind"], o["id"], h)
            for o in t["workspaces"] + t["shares"] for h in to
            if any(o["_members"].get(i, {}).get("permissions") == "owner"
                   for i in ids)]


def touched(before, after, emails, heirs=(HEIR,)):
    """What has changed for anybody but these people, what the heirs have
    been given aside."""
    lower = [e.lower() for e in emails]
    a, b = _without(before, emails), _without(after, emails)
    for seat in _gains(before["fastio"], lower, [h.lower() for h in heirs]):
        for side in (a, b):
            side["files_members"].pop(seat, None)
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
    return (lies(case, after, conf) + touched(before, after, [who], heirs) +
            pipelines_lost(before, after, who, [who] + list(heirs)) +
            silent(case) + site.audit() + site.leaks())


# ---- every request, met by every answer ----

PAGING = ("limit", "offset", "pageCursor", "pageSize", "startIndex", "count",
          "cursor", "attributes", "excludedAttributes")
CLOSED = ("verified", "absent", "manual", "done")
SLOW = ("hang", "slow", "delay")


def template(method, path):
    """The request without the ids in it."""
    path, _, query = path.partition("?")
    path = "/".join(x if re.fullmatch(r"[A-Za-z][A-Za-z_-]*|v\d|", x) else
                    "{}" for x in path.split("/"))
    path = re.sub(r"^/current/(org|workspace|share)/\{\}/(member|list)",
                  r"/current/{}/{}/\2", path)
    names = []
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        if key == "filter":
            key += " " + re.split(r"%20|\+", value)[0]
        if key not in PAGING:
            names.append(key)
    return "%s %s%s" % (method, path, "?" + "&".join(names) if names else "")


class Answer:
    """What comes back for one request, and what may come of it. MUST: some
    step is one of these; MAY: no open step is anything else. DONE: carried
    out all the same, so that it may end well."""

    def __init__(self, text, kind, must=(), may=(), done=False, writes=False,
                 itself=False, any_end=False, **more):
        self.text, self.kind, self.more = text, kind, more
        self.must, self.may = set(must), set(must) | set(may)
        self.done, self.writes, self.itself = done, writes, itself
        self.any_end = any_end


_W, _F, _U = ("waiting",), ("failed",), ("unclear",)
ANSWERS = [
    Answer("400", "status", _F, _W, status=400),
    Answer("401", "unauthorized", _F),
    Answer("403", "forbidden", _F, _W + ("manual",)),
    Answer("404", "status", (), _F + _W + _U, any_end=True, status=404),
    Answer("409", "status", _F, _W, writes=True, status=409),
    Answer("412", "status", _F, _W, writes=True, status=412),
    Answer("422", "status", _F, _W, status=422),
    Answer("429", "rate", _W, retry_after=1),
    Answer("500", "status", _W, status=500),
    Answer("503 with a wait", "status", _W, status=503, retry_after=1),
    Answer("a 200 that says no", "false", (), _F + _W + _U),
    Answer("a reset", "reset", _W),
    Answer("nothing at all (hang)", "hang", _W),
    Answer("a byte a second", "slow", _W, done=True, ms=1000),
    Answer("an answer cut off", "truncate", _W, _U, done=True),
    Answer("half a body", "half", _W, _U, done=True),
    Answer("garbage", "garbage", _W, _U, done=True),
    Answer("no body", "empty", _W, _U, done=True),
    Answer("a body without end", "huge", _W, _U, done=True),
    Answer("a redirect", "redirect", (), _F + _W + _U),
    Answer("a word that nobody knows", "unknown_word", (), _F + _W + _U,
           any_end=True),
    Answer("a success that is none", "nothing", (), _F + _W + _U,
           writes=True),
    Answer("the old state for a while", "stale", (), _W, writes=True,
           done=True, ms=250),
    Answer("done, but 502", "done_then_status", (), _W, writes=True,
           done=True, status=502),
]
ONCE = [
    Answer("500 once", "status", itself=True, status=500, times=1),
    Answer("429 once, its own wait kept to", "rate", itself=True,
           retry_after=1, times=1),
    Answer("503 once, its own wait kept to", "status", itself=True,
           status=503, retry_after=1, times=1),
    Answer("half a body once", "half", itself=True, times=1),
]


# Of answers that are taken alike each request is met by one, or by all of
# them with EVERY=1 (make soak).
FULL = os.environ.get("EVERY") == "1"
TWINS = [("400", "422"), ("429", "500", "503 with a wait", "a reset"),
         ("a 200 that says no", "a redirect"),
         ("nothing at all (hang)", "a byte a second"),
         ("an answer cut off", "half a body", "garbage", "no body",
          "a body without end"), [a.text for a in ONCE]]


def is_due(a, number, share=1):
    """Is it the turn of this answer for the request with this number? With
    a SHARE, of one answer in so many only."""
    if not FULL and share > 1 and (number + ANSWERS.index(a)) % share:
        return False
    for twins in TWINS if not FULL else ():
        if a.text in twins:
            return (number + list(twins).index(a.text)) % len(twins) == 0
    return True


def thin(cells):
    """About every second one, the same ones every time."""
    return [c for c in cells if FULL or zlib.crc32(repr(c).encode()) % 2]


def early(rows, wait_ms):
    """Requests that came before the wait was over that was asked for. After
    a 429 all of that system are; else there must be a later one at all."""
    out = []
    for i, r in enumerate(rows):
        after = [x["at_ms"] - r["at_ms"] for x in rows[i + 1:]]
        if r["status"] == 429 and after and after[0] < wait_ms - 10:
            out.append("%s %s came %d ms after a 429" % (
                rows[i + 1]["method"], rows[i + 1]["path"], after[0]))
        if r["status"] == 503 and max(after or [0]) < wait_ms - 10:
            out.append("it was over %d ms after a 503" % max(after or [0]))
    return out


class Table:
    """One way through the product; each of its requests is met by each
    answer. MAKE: a site; BEFORE: what is done before the way begins; WAY:
    the command, without a wait; TRUE: what must hold after each run;
    OPTIONAL: requests that it can do without, or " met by " one answer;
    AGAIN: what is retried, if not all; SHARE: see is_due()."""

    def __init__(self, name, make, way, true, before=None, optional=(),
                 threads=4, only="", again=(), share=1):
        self.name, self.make, self.way, self.true = name, make, way, true
        self.before, self.threads, self.again = before, threads, again
        self.share = share
        self.optional = [re.compile(o) for o in optional]
        self.only = re.compile(os.environ.get("CELL", only))
        self.lock, self.requests, self.happy = threading.Lock(), None, None

    def add_to(self, tap, answers):
        for a in answers:
            tap.add("%s: every request is met by %s" % (self.name, a.text),
                    self.column, a)

    def begin(self, site):
        if self.before:
            self.before(site)
        state = site.state()
        site.forget()
        return state

    def learn(self):
        """The requests of the way itself, and how it ends."""
        with self.lock:
            if self.requests is not None:
                return
            with self.make() as site:
                self.begin(site)
                site.run(*self.way, "--wait")
                self.happy = states(site.case())
                found = {}
                for r in site.requests():
                    uris = found.setdefault((r["system"], template(
                        r["method"], r["path"])), [])
                    if (r["method"], r["path"]) not in uris:
                        uris.append((r["method"], r["path"]))
            self.requests = found

    def cells(self, a):
        """(text, fault, spares) for each request."""
        everything = [u for uris in self.requests.values() for u in uris]
        turn = sum(map(ord, a.text))
        for number, ((system, text), uris) in enumerate(
                self.requests.items()):
            if not self.only.search(text) or (a.writes and (
                    text.startswith("GET") or "/oauth/" in text)) or \
                    not is_due(a, number, self.share):
                continue
            method, uri = uris[turn % len(uris)]
            yield text, (system, method, uri), [
                (system, m, u) for m, u in everything
                if m == method and uri in u and u != uri]

    def column(self, a):
        self.learn()
        todo, out = list(self.cells(a)), []
        if not todo and FULL:
            return ["no request at all"]

        def work():
            more = {"timeout": "500ms"} if a.kind in SLOW else {}
            try:
                with self.make(**more) as site:
                    while True:
                        with self.lock:
                            if not todo:
                                return
                            cell = todo.pop()
                        site.fresh()
                        out.extend("%s (%s): %s" % (cell[0], cell[1][2], p)
                                   for p in self.cell(site, a, *cell))
            except Exception as e:
                out.append("%s: %r" % (cell[0], e))
        threads = [threading.Thread(target=work)
                   for _ in range(min(self.threads, len(todo)))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return out

    def cell(self, site, a, text, where, spares):
        before = self.begin(site)
        for spare in spares:
            site.fault("delay", *spare, ms=0)
        site.fault(a.kind, *where, **a.more)
        ran = site.run(*self.way, "--wait") if a.itself else \
            site.stuck(*self.way)
        case = ran.json
        if case is None:
            return ["no case: %r" % ran]
        out = [] if site.control("/faults")[-1]["hits"] else [
            "the fault was never met: exit %d, %s" % (
                ran.status, brief(case))]
        out += self.true(site, case, before)
        if a.itself:
            if states(case) != self.happy:
                out.append("did not end well by itself: " + brief(case))
            if a.kind == "rate" or not self.is_spare(text, where[2], a):
                out += early(site.requests(), 1000 * a.more.get(
                    "retry_after", 0))
            return out + site.leaks()
        out += self.judge(case, a, text, where[2])
        if case["status"] in ("complete", "restored"):
            return out + site.leaks()
        site.heal()
        ran = site.run("retry", "OB-000001", *self.again, "--wait", "--json")
        if ran.json is None or states(ran.json) != self.happy:
            out.append("mended and retried: %s" % (
                brief(ran.json) if ran.json else ran))
        if ran.json:
            out += ["mended and retried: " + p for p in
                    self.true(site, ran.json, before) + silent(ran.json)]
        return out + site.leaks()

    def is_spare(self, text, uri, a):
        return any(o.search(text) or o.search(uri) or o.search(
            text + " met by " + a.text) for o in self.optional)

    def judge(self, case, a, text, uri):
        worse = {k: st for k, st in steps(case).items()
                 if st["state"] not in CLOSED}
        spare = self.is_spare(text, uri, a)
        if not worse:
            return [] if spare or states(case) != self.happy or \
                a.any_end or (a.done and not text.startswith("GET")) else [
                    "it ended as if nothing had happened: " + brief(case)]
        out = silent(case)
        now = {st["state"] for st in worse.values()} - {"pending"}
        if "running" in now or spare:
            return out
        if a.must and not now & a.must:
            out.append("nothing is %s: %s" % ("/".join(sorted(a.must)),
                                              brief(case)))
        if now - a.may - set(_W):
            out.append("something is %s: %s" % (
                "/".join(sorted(now - a.may)), brief(case)))
        out += ["%s %s does not name its system: \"%s\"" % (
            k, st["state"], st["detail"]) for k, st in worse.items()
            if st["state"] != "pending" and not any(
                n.lower() in st["detail"].lower()
                for n in (k.split("/")[0], KINDS.get(k.split("/")[0], "")))]
        return out


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
