#!/usr/bin/python3
"""The web front through the real nginx and the real offboard.fcgi. TAP.

  BUILD  folder with offboard.fcgi (default: build)
  SEED   the program of seed.c (default: $BUILD/tests/seed)
Needs no network and no root; skips when nginx is missing.
"""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(TREE, "build")))
SEED = os.environ.get("SEED", os.path.join(BUILD, "tests/seed"))
FCGI = os.path.join(BUILD, "offboard.fcgi")
FLEET = "00112233445566778899aabbccddeeff"
HTML = "text/html; charset=utf-8"
count = failed = 0


def ok(good, what, why=""):
    global count, failed
    count += 1
    failed += 0 if good else 1
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good and why != "":
        print("# " + str(why)[:2000].replace("\n", "\n# "), flush=True)
    return good


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def find_nginx():
    for path in ("/usr/sbin/nginx", "/usr/bin/nginx"):
        if os.access(path, os.X_OK):
            return path
    skip_all("nginx is not installed")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Site:
    """One nginx and one program with a record of their own."""

    def __init__(self, web="", limit=False):
        self.dir = tempfile.mkdtemp(prefix="offboard-web-")
        self.data = os.path.join(self.dir, "data")
        self.sock = os.path.join(self.dir, "web.sock")
        self.conf = os.path.join(self.dir, "offboard.conf")
        self.port = free_port()
        self.procs = []
        for sub in ("data", "ng", "publication"):
            os.mkdir(os.path.join(self.dir, sub))
        with open(self.conf, "w") as f:
            f.write(f"[offboard]\ndata_dir = {self.data}\nbrake = 500\n"
                    f"protect = root, ceo@corp.example\n"
                    f"[web]\nsocket = {self.sock}\nviewer = hr\n"
                    f"operator = it, other\napprover = boss\nadmin = dave\n"
                    f"{web}\n")
            for name, kind in (("doors", "doorflow"), ("files", "fastio"),
                               ("hosts", "linux")):
                f.write(f"[system {name}]\nkind = {kind}\n")
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.fcgi = self.start_fcgi()
        self.start_nginx(limit)

    def spawn(self, argv):
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log,
                             stderr=self.log)
        self.procs.append(p)
        return p

    def start_fcgi(self):
        p = self.spawn([FCGI, "-c", self.conf])
        for _ in range(100):
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(self.sock)
                break
            except OSError:
                time.sleep(0.02)
        return p

    def start_nginx(self, limit):
        prefix = os.path.join(self.dir, "ng")
        with open(os.path.join(TREE, "dist/nginx/demo.conf.in")) as f:
            text = f.read()
        users = os.path.join(self.dir, "htpasswd")
        with open(users, "w") as f:
            for user in ("it", "other", "boss", "hr", "dave", "stranger"):
                sha = base64.b64encode(hashlib.sha1(b"demo").digest())
                f.write(f"{user}:{{SHA}}{sha.decode()}\n")
        if not limit:
            text = text.replace("rate=60r/s", "rate=9000r/s")
        for name, value in (("PORT", self.port), ("PREFIX", prefix),
                            ("SOCKET", self.sock), ("HTPASSWD", users),
                            ("WWW", os.path.join(TREE, "www")),
                            ("PUBLICATION",
                             os.path.join(self.dir, "publication"))):
            text = text.replace(f"@{name}@", str(value))
        conf = os.path.join(prefix, "nginx.conf")
        with open(conf, "w") as f:
            f.write(text)
        argv = [find_nginx(), "-p", prefix, "-c", conf]
        if os.geteuid() == 0:
            argv += ["-g", "user root;"]
        self.spawn(argv)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("nginx did not start")

    def seed(self, *args):
        return subprocess.run([SEED, self.data, *args], check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()

    def ask(self, method, path, user="it", form=None, body=None,
            headers=None):
        head = dict(headers or {})
        if user:
            word = base64.b64encode(f"{user}:demo".encode()).decode()
            head.setdefault("Authorization", "Basic " + word)
        if form is not None:
            body = urllib.parse.urlencode(form)
            head.setdefault("Content-Type",
                            "application/x-www-form-urlencoded")
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        conn.request(method, path, body, head)
        answer = conn.getresponse()
        answer.text = answer.read().decode()
        answer.where = answer.getheader("Location") or ""
        conn.close()
        return answer

    def get(self, path, user="it", **more):
        return self.ask("GET", path, user, **more)

    def post(self, path, form, user="it", **more):
        return self.ask("POST", path, user, form=form, **more)

    def end(self):
        for p in self.procs:
            if p.poll() is None:
                p.terminate()
        for p in self.procs:
            p.wait()
        shutil.rmtree(self.dir)


def csrf_of(page):
    m = re.search(r'name="csrf" value="([^"]+)"', page.text)
    return m.group(1) if m else ""


def ended(page):
    """The draft and the step that a redirect names."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(page.where).query)
    return query.get("draft", [""])[0], query.get("step", [""])[0]


def fill(site, email, user="it", when="now", **more):
    """Walks to the last page. Returns the draft's token."""
    token = csrf_of(site.get("/offboardings/new", user))
    who = {"csrf": token, "draft": "", "step": "who", "email": email,
           "name": more.get("name", ""), "employee_id": "", "login": ""}
    draft, step = ended(site.post("/offboardings/new", who, user))
    assert step == "when", step
    site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "when", "when": when,
        **more.get("at", {})}, user)
    site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "handover", "heir": "nobody",
        "handover": "", "reason": more.get("reason", "")}, user)
    site.seed("answer")
    site.post("/offboardings/new", {"csrf": token, "draft": draft,
                                    "step": "found", "do": "go"}, user)
    return draft


def confirm(site, draft, user="it", **more):
    page = site.get(f"/offboardings/new?draft={draft}&step=check", user)
    return site.post("/offboardings", {"csrf": csrf_of(page),
                                       "draft": draft}, user, **more)


# ---- FastCGI by hand, for what nginx would never send ----------------------

def record(kind, data=b"", ident=1):
    return struct.pack(">BBHHBB", 1, kind, ident, len(data), 0, 0) + data


def pair(name, value):
    name, value = name.encode(), value.encode()
    out = b""
    for n in (len(name), len(value)):
        out += struct.pack(">B", n) if n < 128 else struct.pack(
            ">I", n | 0x80000000)
    return out + name + value


def fcgi_bytes(params, body=b"", flags=0):
    data = b"".join(pair(k, v) for k, v in params)
    return (record(1, struct.pack(">HB5x", 1, flags)) + record(4, data) +
            record(4) + (record(5, body) if body else b"") + record(5))


def fcgi_send(site, data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(site.sock)
    s.sendall(data)
    return s


def fcgi_read(s):
    """The standard output of one answer."""
    raw, out = b"", b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            raw += more
    except OSError:
        pass
    s.close()
    while len(raw) >= 8:
        _, kind, _, size, pad, _ = struct.unpack(">BBHHBB", raw[:8])
        if kind == 6:
            out += raw[8:8 + size]
        raw = raw[8 + size + pad:]
    return out.decode()


def fcgi(site, params, body=b"", flags=0):
    return fcgi_read(fcgi_send(site, fcgi_bytes(params, body, flags)))


def params(path="/", method="GET", *more):
    return [("REQUEST_METHOD", method), ("DOCUMENT_URI", path),
            ("QUERY_STRING", ""), ("CONTENT_TYPE", ""),
            ("CONTENT_LENGTH", ""), ("REQUEST_SCHEME", "http"), *more]


# ---- the tests --------------------------------------------------------------

def test_identity(site):
    ok(site.get("/", user=None).status == 401, "nobody gets in unnamed")
    page = site.get("/", "hr", headers={
        "REMOTE_USER": "dave", "Remote-User": "dave",
        "OFFBOARD_USER": "dave", "Offboard-User": "dave",
        "X-Offboard-User": "dave", "X-Forwarded-User": "dave"})
    ok(page.status == 200 and "Signed in as <strong>hr</strong> (viewer)"
       in page.text, "forged user headers change nothing", page.text)
    for what, extra in (
            ("missing", []), ("empty", [("OFFBOARD_USER", "")]),
            ("doubled", [("OFFBOARD_USER", "it"), ("OFFBOARD_USER", "it")]),
            ("no text", [("OFFBOARD_USER", "i\x01t")]),
            ("too long", [("OFFBOARD_USER", "x" * 200)]),
            ("only a header", [("HTTP_OFFBOARD_USER", "it")]),
            ("only REMOTE_USER", [("REMOTE_USER", "it")])):
        out = fcgi(site, params("/", "GET", *extra))
        ok(out.startswith("Status: 500 ") and "Start an off" not in out,
           f"a user who is {what} is a 500", out[:200])
    out = fcgi(site, params("/nowhere"))
    ok(out.startswith("Status: 500 "), "also where there is no page")
    out = fcgi(site, params("/", "GET", ("OFFBOARD_USER", "it")))
    ok(out.startswith("Status: 200 "), "one user is taken", out[:200])
    ok(site.get("/healthz", user=None).text == "ok\n",
       "healthz needs no user and says ok")


def test_roles(site):
    case = "/offboardings/OB-%06d" % int(site.seed("show"))
    need = {"GET /": "it hr boss dave", "GET /offboardings/new": "it dave",
            "GET " + case: "it hr boss dave",
            "GET " + case + "/cancel": "it dave",
            "GET " + case + "/retry": "it dave",
            "GET " + case + "/restore": "it dave",
            "GET /tasks": "it hr boss dave", "GET /hosts": "it hr boss dave",
            "GET /systems": "it hr boss dave",
            "GET /audit": "it hr boss dave",
            "POST /offboardings": "it dave",
            "POST /offboardings/new": "it dave",
            "POST " + case + "/cancel": "it dave",
            "POST /tasks/1": "it dave"}
    wrong = []
    for route, may in need.items():
        method, path = route.split(" ")
        for user in ("it", "hr", "boss", "dave", "stranger"):
            form = {} if method == "POST" else None
            page = site.ask(method, path, user, form=form)
            role = page.status == 403 and "needs the role" in page.text
            if role == (user in may.split()):
                wrong.append((route, user, page.status))
    ok(not wrong, "each role gets where it may, and nowhere else", wrong)
    page = site.get(case + "/approve", "hr")
    ok(page.status == 403, "a viewer approves nothing")
    page = site.get(case, "hr")
    ok("12345" not in page.text and "Anna Fields" in page.text,
       "a viewer sees no account ids")
    ok("12345" not in site.get("/audit", "hr").text and "person …" in
       page.text, "nor in what a system said")
    ok("12345" in site.get(case).text, "an operator does")
    ok("<script>alert" not in page.text and "&lt;script&gt;alert" in
       page.text, "what a system answered is shown as text")
    ok("0 of " not in page.text or "confirmed" in page.text,
       "hosts are counted by their reports")
    return case


def test_methods(site):
    page = site.ask("PUT", "/")
    ok(page.status == 405 and page.getheader("Allow") == "GET, HEAD",
       "PUT is refused with Allow", page.getheader("Allow"))
    page = site.ask("DELETE", "/offboardings/new")
    ok(page.status == 405 and page.getheader("Allow") == "GET, HEAD, POST",
       "so is DELETE", page.getheader("Allow"))
    ok(site.get("/offboardings").status == 405, "POST only means POST only")
    ok(site.ask("GET", "/hosts/report", None).status == 405,
       "a report is posted")
    for path in ("/nothing", "/offboardings/OB-999999", "/offboardings/1",
                 "/offboardings/ob-000001", "/offboardings/OB-1/x",
                 "/offboardings/OB-000001/", "/tasks/0", "/tasks/x",
                 "/OFFBOARDINGS/new", "/offboardings/OB-99999999999999999",
                 "/style.css/"):
        page = site.get(path)
        ok(page.status in (404, 405), f"{path} is not there", page.status)
    page = site.ask("HEAD", "/")
    ok(page.status == 200 and page.text == "", "HEAD is GET without a body")
    page = site.get("/")
    csp = page.getheader("Content-Security-Policy") or ""
    ok(csp.startswith("default-src 'none'") and "frame-ancestors 'none'" in
       csp and "unsafe" not in csp, "the page forbids scripts", csp)
    for name, value in (("X-Content-Type-Options", "nosniff"),
                        ("Cache-Control", "no-store"),
                        ("Referrer-Policy", "same-origin"),
                        ("Cross-Origin-Opener-Policy", "same-origin"),
                        ("Content-Type", HTML)):
        got = page.msg.get_all(name)
        ok(got == [value], f"{name} is sent once", got)
    page = site.get("/style.css", None)
    ok(page.status == 200 and page.getheader("Content-Type").startswith(
        "text/css") and page.getheader("X-Content-Type-Options") ==
       "nosniff", "the stylesheet is served with its headers")
    ok("data:" not in page.text.split("*/", 1)[1],
       "the stylesheet holds no data: addresses")
    ok("<script" not in site.get("/").text, "there is no script")


def test_flow(site):
    page = site.get("/offboardings/new")
    form = {"csrf": csrf_of(page), "draft": "", "step": "who",
            "email": "wrong", "name": "<i>Bo & \"Co\"'", "employee_id": "",
            "login": ""}
    page = site.post("/offboardings/new", form)
    ok(page.status == 400 and "<title>Error: " in page.text and
       "There is a problem" in page.text and 'href="#email"' in page.text,
       "a wrong address is named at its field", page.text)
    ok("&lt;i&gt;Bo &amp; &quot;Co&quot;&#39;" in page.text and
       "<i>Bo" not in page.text, "hostile text is shown as text")
    for email in ("ceo@corp.example", "root@corp.example", "it@corp.example"):
        page = site.post("/offboardings/new", {**form, "email": email})
        ok(page.status == 400, f"{email} is refused", page.status)
    page = site.post("/offboardings/new",
                     {**form, "email": "Bo@Corp.example"})
    draft, step = ended(page)
    ok(page.status == 303 and re.fullmatch("[0-9a-f]{32}", draft) and
       step == "when" and "corp" not in page.where.lower(),
       "the address of the next page names nobody", page.where)
    page = site.get(page.where)
    ok(" checked" not in page.text, "nothing is chosen beforehand")
    ok(site.get(f"/offboardings/new?draft={draft}&step=check").where.endswith(
        "step=when"), "no question can be passed over")
    return draft


def test_when(site, draft):
    token = csrf_of(site.get(f"/offboardings/new?draft={draft}&step=when"))

    def at(**more):
        return site.post("/offboardings/new", {
            "csrf": token, "draft": draft, "step": "when", "when": "at",
            "day": "28", "month": "3", "year": "2027", "time": "17:00",
            "zone": "Europe/London", **more})

    for what, more, says in (
            ("a gap", {"time": "01:30"}, "does not exist"),
            ("a repeat", {"month": "October", "day": "31", "time": "01:30"},
             "happens twice"),
            ("no date", {"day": "31", "month": "2"}, "real date"),
            ("the past", {"year": "2020"}, "has passed"),
            ("too far", {"year": "2099"}, "five years"),
            ("no zone", {"zone": ""}, "time zone must"),
            ("a made-up zone", {"zone": "../../etc/passwd"},
             "time zone must"),
            ("no time", {"time": "25:00"}, "hours and minutes"),
            ("no choice", {"when": ""}, "Say when")):
        page = at(**more)
        ok(page.status == 400 and says in page.text, f"{what} is refused",
           page.status)
    page = at(month="march")
    ok(page.status == 303, "month names are understood", page.text)
    page = site.get(page.where)
    ok("Who takes over?" in page.text, "then it asks who takes over")


def test_plan(site, draft):
    token = csrf_of(site.get(f"/offboardings/new?draft={draft}&step=who"))
    form = {"csrf": token, "draft": draft, "step": "handover",
            "heir": "person", "handover": "bo@corp.example", "reason": ""}
    page = site.post("/offboardings/new", form)
    ok(page.status == 400 and "own successor" in page.text,
       "nobody hands over to themselves")
    form.update(handover="heir@corp.example", reason="a\r\nb <b>")
    page = site.post("/offboardings/new", form)
    found = page.where
    page = site.get(found)
    ok("Looking" in page.text and 'http-equiv="refresh" content="1"' in
       page.text, "the page waits for the dry run", page.text)
    ok(site.get(f"/offboardings/new?draft={draft}&step=check").where ==
       found, "what will end cannot be passed over")
    with sqlite3.connect(os.path.join(site.data,
                                      "record/offboard.db")) as db:
        db.execute("UPDATE request SET asked_at = asked_at - 16000 "
                   "WHERE answered_at = 0")
    db.close()
    page = site.get(found)
    ok("Nothing has been looked up" in page.text and "Look again" in
       page.text and 'name="unseen"' in page.text and "refresh" not in
       page.text, "a worker that is silent for 15 s is said to be",
       page.text)
    page = site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "found", "do": "go"})
    ok(page.status == 400, "not even by a form of one's own")
    site.seed("answer")
    page = site.get(found)
    ok("What will end" in page.text and "refresh" not in page.text and
       "3 API keys" in page.text and "&lt;b&gt;Plans &amp; drafts" in
       page.text and "cannot be put back" in page.text,
       "the dry run is shown", page.text)
    ok("The names differ" in page.text,
       "a system that knows another name is a warning")
    page = site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "found", "do": "again"})
    site.seed("answer", json.dumps({"error": "", "systems": [
        {"system": "doors", "kind": "doorflow", "found": "absent"}]}))
    page = site.get(found)
    ok("No system knows this person" in page.text,
       "nowhere found is a warning", page.text)
    site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "found", "do": "again"})
    for text in ("no json", "[1,2", "{\"error\":\"Bad <b>luck\"}", "[]"):
        site.seed("answer", text)
        page = site.get(found)
        ok(page.status == 200 and "could not be asked" in page.text and
           "unseen" in page.text and "<b>luck" not in page.text,
           f"an answer like {text} is no answer", page.text)
        site.post("/offboardings/new", {
            "csrf": token, "draft": draft, "step": "found", "do": "again"})
    page = site.post("/offboardings/new", {
        "csrf": token, "draft": draft, "step": "found", "do": "go",
        "unseen": "yes"})
    ok(page.where.endswith("step=check"),
       "going on unseen takes a tick of its own", page.where)
    page = site.get(page.where)
    ok("28 March 2027, 17:00 (Europe/London, UTC+1) = 28 March 2027, 16:00 "
       "(UTC)" in page.text and "Not looked up" in page.text and
       "End all access for &lt;i&gt;Bo" in page.text,
       "the last page says what will be", page.text)


def test_start(site):
    draft = fill(site, "carl@corp.example", name="Carl <script>x</script>")
    check = site.get(f"/offboardings/new?draft={draft}&step=check")
    form = {"csrf": csrf_of(check), "draft": draft}
    answers = []

    def press():
        answers.append(site.post("/offboardings", form))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    places = {a.where for a in answers}
    ok(len(places) == 1 and all(a.status == 303 for a in answers),
       "six clicks at once are one offboarding",
       [(a.status, a.where) for a in answers])
    place = places.pop()
    ok(re.fullmatch(r"/offboardings/OB-\d{6}", place), "it has a page", place)
    page = site.get(place)
    ok(page.status == 200 and "Carl &lt;script&gt;" in page.text and
       "<script" not in page.text and 'content="5"' in page.text,
       "the page shows the name as text and reloads", page.text)
    ok(site.post("/offboardings", form).where == place,
       "a click tomorrow leads to the same")
    ok(site.get(f"/offboardings/new?draft={draft}&step=who").where == place,
       "so does the draft")
    total = site.get("/?q=carl").text
    ok("1 of 1 offboarding<" in total, "the list has one of it", total)
    page = confirm(site, fill(site, "carl@corp.example", "other"), "other")
    ok(page.status == 409 and place in page.text,
       "a second one is refused and the first is named", page.status)
    page = site.post("/offboardings", form, "other")
    ok(page.status == 403, "a draft is its owner's alone", page.status)
    ok(site.get(f"/offboardings/new?draft={draft}", "other").status == 403,
       "to see, too")
    ok(site.get("/offboardings/new?draft=" + "0" * 32).status == 404,
       "a draft that is not there is a 404")
    return place


def test_csrf(site, case):
    draft = fill(site, "dora@corp.example")
    check = site.get(f"/offboardings/new?draft={draft}&step=check")
    good = csrf_of(check)
    other = csrf_of(site.get(case + "/cancel"))
    for what, form in (
            ("missing", {"draft": draft}),
            ("empty", {"csrf": "", "draft": draft}),
            ("wrong", {"csrf": good[:-1] + ("0" if good[-1] != "0" else "1"),
                       "draft": draft}),
            ("of another form", {"csrf": other, "draft": draft})):
        page = site.post("/offboardings", form)
        ok(page.status == 403 and not page.where,
           f"a token that is {what} is refused", page.status)
    page = site.post(case + "/cancel", {"csrf": good, "system": "",
                                        "phase": ""})
    ok(page.status == 403, "nor does it fit elsewhere")
    form = {"csrf": good, "draft": draft}
    base = f"http://127.0.0.1:{site.port}"
    for head in ({"Sec-Fetch-Site": "cross-site"},
                 {"Sec-Fetch-Site": "same-site"},
                 {"Sec-Fetch-Site": "none"},
                 {"Origin": "https://evil.example"}, {"Origin": "null"},
                 {"Origin": base + ".evil.example"},
                 {"Origin": base + "/"},
                 {"Origin": f"https://127.0.0.1:{site.port}"}):
        page = site.post("/offboardings", form, headers=head)
        ok(page.status == 403, f"{head} is refused", page.status)
    slot = int(good.split("-")[0], 16)
    key = open(os.path.join(site.data, "record/csrf.key"), "rb").read()
    import hmac
    old = hmac.new(key, f"it\nstart\n{slot - 7}".encode(),
                   hashlib.sha256).hexdigest()
    page = site.post("/offboardings", {"csrf": f"{slot - 7:x}-{old}",
                                       "draft": draft})
    ok(page.status == 403 and "Please press the button again" in page.text
       and "dora@corp.example" in page.text and csrf_of(page) == good,
       "an expired token asks to press again, with all that was typed",
       page.text)
    old = hmac.new(key, f"it\nnew\n{slot - 7}".encode(),
                   hashlib.sha256).hexdigest()
    page = site.post("/offboardings/new", {
        "csrf": f"{slot - 7:x}-{old}", "draft": "", "step": "who",
        "email": "kept@corp.example", "name": "", "employee_id": "",
        "login": ""})
    ok(page.status == 403 and "kept@corp.example" in page.text,
       "on the first page, too")
    page = site.post("/offboardings", form, headers={
        "Origin": base, "Sec-Fetch-Site": "same-origin"})
    ok(page.status == 303, "our own page is taken", page.text)


def test_forms(site):
    token = csrf_of(site.get("/offboardings/new"))
    form = {"csrf": token, "draft": "", "step": "who",
            "email": "eve@corp.example", "name": "", "employee_id": "",
            "login": ""}
    text = urllib.parse.urlencode(form)
    for what, body in (("an unknown field", text + "&admin=1"),
                       ("a doubled field", text + "&name=x"),
                       ("a NUL", text.replace("name=", "name=%00")),
                       ("a control byte", text.replace("name=", "name=%1b")),
                       ("a new line", text.replace("name=", "name=%0a")),
                       ("no UTF-8", text.replace("name=", "name=%ff")),
                       ("half an escape", text + "%4"),
                       ("a hidden turn",
                        text.replace("name=", "name=%e2%80%ae")),
                       ("no step", text.replace("step=who", "step=check")),
                       ("a raw NUL", text + "&na\0me=1")):
        page = site.ask("POST", "/offboardings/new", body=body, headers={
            "Content-Type": "application/x-www-form-urlencoded"})
        ok(page.status == 400 and not page.where, f"{what} is refused",
           page.status)
    for kind in ("application/json", "multipart/form-data; boundary=x",
                 "text/plain", ""):
        page = site.ask("POST", "/offboardings/new", body=text,
                        headers={"Content-Type": kind})
        ok(page.status == 415, f"{kind or 'no type'} is a 415", page.status)
    page = site.post("/offboardings/new", {**form, "name": "x" * 201})
    ok(page.status == 400 and "200 characters" in page.text and
       "eve@corp.example" in page.text, "too long is said at the field",
       page.status)
    page = site.post("/offboardings/new", {**form, "name": "x" * 17000})
    ok(page.status == 413, "nginx stops a large form", page.status)
    big = text.encode() + b"x" * 17000
    head = [("OFFBOARD_USER", "it")]
    post = [p for p in params("/offboardings/new", "POST")
            if p[0] not in ("CONTENT_TYPE", "CONTENT_LENGTH")] + head + [
                ("CONTENT_TYPE", "application/x-www-form-urlencoded")]
    out = fcgi(site, post + [("CONTENT_LENGTH", str(len(big)))], big)
    ok(out.startswith("Status: 413 "), "so does the program", out[:100])
    for length in ("-1", "1e3", "99999999999999999999", "4 4", "12000"):
        out = fcgi(site, post + [("CONTENT_LENGTH", length)], text.encode())
        ok(out.startswith(("Status: 400 ", "Status: 413 ")),
           f"a length of {length} is refused", out[:100])
    out = fcgi(site, post + [("CONTENT_LENGTH", str(len(text) - 5))],
               text.encode())
    ok(out.startswith("Status: 400 "), "a body that is longer than it says "
       "is refused", out[:100])
    out = fcgi(site, post + [("CONTENT_LENGTH", str(len(text))),
                             ("HTTP_ORIGIN", "http://a"),
                             ("HTTP_ORIGIN", "http://a")], text.encode())
    ok(out.startswith("Status: 403 "), "a doubled Origin is refused",
       out[:100])


def test_acts(site, case):
    page = site.get(case)
    ok("What is open, and whose turn it is" in page.text and
       "Verified" in page.text and "Done – not verified" in page.text and
       "More than one account fits" in page.text,
       "the page says what is open")
    ok('http-equiv="refresh"' not in page.text,
       "a page that waits for people does not reload")
    act = site.get(case + "/retry?system=files&phase=contain")
    ok(act.status == 200 and "files" in act.text, "retry says what it does")
    page = site.post(case + "/retry", {"csrf": csrf_of(act),
                                       "system": "files",
                                       "phase": "contain"})
    ok(page.status == 303 and page.where == case, "and does it", page.text)
    ok("Asked to try again" in site.get(case).text, "it is on record")
    for query in ("system=files&phase=dance", "phase=contain"):
        ok(site.get(case + "/retry?" + query).status == 400,
           f"{query} is refused")
    ok(site.post(case + "/retry", {"csrf": csrf_of(act), "system": "none",
                                   "phase": ""}).status == 409,
       "a system that is not there cannot be tried again")
    tasks = site.get("/tasks", "hr")
    ok("Collect the card" in tasks.text and "<textarea" not in tasks.text,
       "a viewer sees tasks and closes none")
    tasks = site.get("/tasks")
    number = re.search(r'action="/tasks/(\d+)"', tasks.text).group(1)
    token = re.search(rf'/tasks/{number}".*?name="csrf" value="([^"]+)"',
                      tasks.text, re.S).group(1)
    page = site.post(f"/tasks/{number}", {"csrf": token, "note": "  "})
    ok(page.status == 400 and "Write what" in page.text,
       "a task is closed with a note")
    page = site.post(f"/tasks/{number}", {"csrf": token,
                                          "note": "Card is <b>cut\nup"})
    ok(page.status == 303, "then it closes", page.text)
    ok("Card is &lt;b&gt;cut" in site.get(case).text, "the note is on record")
    ok(site.post(f"/tasks/{number}", {"csrf": token, "note": "x"}).status ==
       409, "and it closes once")
    act = site.get(case + "/cancel")
    page = site.post(case + "/cancel", {"csrf": csrf_of(act), "system": "",
                                        "phase": ""})
    ok(page.status == 303 and "Cancelled" in site.get(case).text,
       "cancel cancels", page.text)
    ok(site.post(case + "/cancel", {"csrf": csrf_of(act), "system": "",
                                    "phase": ""}).status == 409,
       "a cancelled one cannot be cancelled")
    act = site.get(case + "/restore")
    page = site.post(case + "/restore", {"csrf": csrf_of(act), "system": "",
                                         "phase": ""})
    ok(page.status == 303, "what was ended can be asked back", page.text)


def test_approval(site):
    def one(who, why):
        return "/offboardings/OB-%06d/approve" % int(
            site.seed("hold", f"{time.time_ns()}@x.example", who, why))

    rule = one("it", "all: every offboarding needs a second person")
    brake = one("it", "brake: it has started many")
    own = one("boss", "all: every offboarding needs a second person")
    for path, user, want in ((rule, "other", 403), (rule, "it", 403),
                             (rule, "boss", 200), (brake, "it", 403),
                             (brake, "other", 200), (brake, "hr", 403),
                             (own, "boss", 403), (own, "dave", 200)):
        ok(site.get(path, user).status == want,
           f"{user} at {path.split('/')[2]} is a {want}")
    act = site.get(rule, "boss")
    page = site.post(rule, {"csrf": csrf_of(act), "system": "", "phase": ""},
                     "boss")
    ok(page.status == 303 and "Approved by" in site.get(page.where).text,
       "a second person approves", page.text)
    ok(site.post(rule, {"csrf": csrf_of(act), "system": "", "phase": ""},
                 "boss").status == 409, "and approves once")


def test_lists(site):
    site.seed("many", "260")
    page = site.get("/")
    total = int(re.search(r"50 of (\d+) offboardings", page.text).group(1))
    ok(total > 60 and "page=2" in page.text, "fifty to a page")
    page = site.get("/?page=2")
    ok(f"{min(50, total - 50)} of {total} offboardings" in page.text,
       "the rest on the next", page.text[:500])
    page = site.get("/?status=complete&q=p1")
    ok("Complete" in page.text and "p10@corp.example" in page.text and
       "p11@corp.example" not in page.text, "the list is filtered")
    page = site.get("/?q=%3Cscript%3Ey")
    ok("<script" not in page.text and "&lt;script&gt;y" in page.text and
       "No offboarding fits" in page.text, "by text as text")
    ok(site.get("/?status=nonsense&page=zero").status == 200,
       "a filter that means nothing filters nothing")
    ok(site.get("/?q=%ff").status == 400, "what is no text is refused")
    page = site.get("/audit?verify=1")
    ok("The chain is whole" in page.text, "the audit verifies", page.text)
    page = site.get("/audit")
    seq = int(re.search(r"before=(\d+)", page.text).group(1))
    older = site.get(f"/audit?before={seq}").text
    ok(f'class="num">{seq - 1}</td>' in older and
       f'class="num">{seq}</td>' not in older, "the audit pages by its rows")
    ok("doors" in site.get("/systems").text, "the systems are listed")


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def host_key(site, name):
    pem = os.path.join(site.dir, name + ".pem")
    openssl("genpkey", "-algorithm", "ed25519", "-out", pem)
    raw = openssl("pkey", "-in", pem, "-pubout", "-outform", "DER")[-32:]
    ident = hashlib.sha256(raw).hexdigest()[:16]
    site.seed("host", name, ident, base64.b64encode(raw).decode())
    return pem, ident


def report(site, key, change=None, body=None, domain=b"offboard-report 1\n",
           ident=None, head=True):
    pem, own = key
    fields = {"fleet": FLEET, "host": "web1", "time": int(time.time()),
              "epoch": 1, "serial": 1, "state": "fresh", "listed": ["anna"],
              "exempt": [], "ended": 0, "left": 0, **(change or {})}
    if body is None:
        body = json.dumps(fields).encode()
    message = os.path.join(site.dir, "message")
    with open(message, "wb") as f:
        f.write(domain + body)
    sig = base64.b64encode(openssl("pkeyutl", "-sign", "-inkey", pem,
                                   "-rawin", "-in", message)).decode()
    headers = {"Content-Type": "application/json"}
    if head:
        headers["X-Offboard-Signature"] = f"{ident or own} {sig}"
    return site.ask("POST", "/hosts/report", None, body=body,
                    headers=headers)


def test_reports(site):
    if shutil.which("openssl") is None:
        ok(True, "reports # SKIP openssl is not installed")
        return
    one, two = host_key(site, "web1"), host_key(site, "web2")
    now = int(time.time())
    for what, want, got in (
            ("unsigned", 403, report(site, one, head=False)),
            ("by an unknown key", 403, report(site, one, ident="0" * 16)),
            ("by another host's key", 403, report(site, two)),
            ("signed as something else", 403,
             report(site, one, domain=b"offboard-stamp 1\n")),
            ("claiming another's key", 403,
             report(site, two, ident=one[1])),
            ("of another fleet", 403,
             report(site, one, {"fleet": "f" * 32})),
            ("of yesterday", 400, report(site, one, {"time": now - 86400})),
            ("of tomorrow", 400, report(site, one, {"time": now + 86400})),
            ("with a text for a number", 400,
             report(site, one, {"serial": "1"})),
            ("with more in it", 400, report(site, one, {"more": 1})),
            ("that is no JSON", 400, report(site, one, body=b"{")),
            ("that is empty", 400, report(site, one, body=b"")),
            ("without fault", 204, report(site, one)),
            ("of a later serial", 204, report(site, one, {"serial": 5})),
            ("of what was never published", 409,
             report(site, one, {"serial": 999999})),
            ("of an epoch to come", 409,
             report(site, one, {"epoch": 2, "serial": 1})),
            ("that goes back", 409, report(site, one, {"serial": 4}))):
        ok(got.status == want, f"a report {what} is a {want}",
           f"{got.status} {got.text}")
    ok("one sentence" and got.getheader("Content-Type").startswith(
        "text/plain"), "a refusal is plain text")
    ok("web1" in site.get("/hosts").text, "the host is listed")
    site.seed("retire", "web1")
    ok(report(site, one, {"serial": 9}).status == 403,
       "a retired host is refused")
    both = fcgi(site, params("/hosts/report", "POST",
                             ("HTTP_X_OFFBOARD_SIGNATURE", "a b"),
                             ("HTTP_X_OFFBOARD_SIGNATURE", "a b")))
    ok(both.startswith("Status: 403 "), "a doubled signature is refused")


def test_peers(site):
    mode = os.stat(site.sock).st_mode & 0o777
    ok(mode == 0o660, "the socket is for its group and nobody else",
       oct(mode))
    stuck = [fcgi_send(site, data) for data in
             (b"", b"\x01\x01\x00\x01", record(1, struct.pack(">HB5x", 1, 0)))]
    time.sleep(0.1)
    begin = time.monotonic()
    good = all(site.get("/healthz", None).status == 200 for _ in range(20))
    took = time.monotonic() - begin
    ok(good and took < 1, "three stuck peers stop nobody", took)
    stuck.append(fcgi_send(site, b""))
    begin = time.monotonic()
    good = site.get("/healthz", None).status == 200
    took = time.monotonic() - begin
    ok(good and took < 8, "four stuck peers only delay", took)
    for s in stuck:
        s.close()
    names = b"".join(pair(n, "") for n in (
        "FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS",
        "FCGI_MAX_CONNS"))
    text = fcgi_read(fcgi_send(site, record(9, names, 0)))
    ok(text == "" and site.fcgi.poll() is None,
       "a question of a tool that tries it out stops nobody", text)
    kept = fcgi_send(site, fcgi_bytes(params("/healthz"), flags=1))
    text = fcgi_read(kept)
    ok("ok\n" in text, "a connection that asks to be kept is not", text)
    fcgi_send(site, os.urandom(3000)).close()
    fcgi_send(site, fcgi_bytes(params("/healthz"))[:40]).close()
    ok(site.get("/healthz", None).status == 200, "nonsense stops nobody")


def test_stop(site):
    """Requests that are under way at SIGTERM are answered."""
    whole = fcgi_bytes(params("/", "GET", ("OFFBOARD_USER", "it")))
    half = [fcgi_send(site, whole[:-8]) for _ in range(3)]
    time.sleep(0.2)
    begin = time.monotonic()
    site.fcgi.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    for s in half:
        s.sendall(whole[-8:])
    texts = [fcgi_read(s) for s in half]
    site.fcgi.wait(10)
    took = time.monotonic() - begin
    ok(all(t.startswith("Status: 200 ") for t in texts),
       "what was under way at SIGTERM was answered",
       [t[:60] for t in texts])
    ok(site.fcgi.returncode == 0 and took < 2, "and the program ended",
       f"{site.fcgi.returncode} after {took:.2f} s")
    ok(not os.path.exists(site.sock), "its socket is gone")
    ok(site.get("/").status == 502, "nginx says so meanwhile")
    ok("does not answer" in site.get("/").text, "on a page of ours")
    site.fcgi = site.start_fcgi()
    ok(site.get("/").status == 200, "it starts again")
    stuck = fcgi_send(site, b"\x01\x01\x00")
    time.sleep(0.1)
    begin = time.monotonic()
    site.fcgi.send_signal(signal.SIGTERM)
    site.fcgi.wait(10)
    took = time.monotonic() - begin
    ok(site.fcgi.returncode == 0 and took < 2,
       "a stuck peer does not hold it back", took)
    stuck.close()
    site.fcgi = site.start_fcgi()
    site.fcgi.kill()
    site.fcgi.wait()
    ok(os.path.exists(site.sock), "a killed one leaves its socket")
    site.fcgi = site.start_fcgi()
    ok(site.get("/").status == 200, "which the next one replaces")
    second = subprocess.run([FCGI, "-c", site.conf], stderr=subprocess.PIPE,
                            timeout=10)
    ok(second.returncode == 1 and b"in use" in second.stderr,
       "but not while it is in use", second.stderr)
    ok(site.get("/").status == 200, "and that one goes on")


def test_inherited(site):
    """A socket that systemd holds outlives the program."""
    held = socket.socket(socket.AF_UNIX)
    path = os.path.join(site.dir, "held.sock")
    held.bind(path)
    held.listen(16)
    code = ("import os,sys;os.dup2(int(sys.argv[1]),3);"
            "os.environ.update(LISTEN_PID=str(os.getpid()),LISTEN_FDS='1');"
            "os.set_inheritable(3,True);os.execv(sys.argv[2],sys.argv[2:])")
    for turn in ("first", "second"):
        p = subprocess.Popen(["/usr/bin/python3", "-c", code,
                              str(held.fileno()), FCGI, "-c", site.conf],
                             pass_fds=[held.fileno()],
                             stderr=subprocess.DEVNULL)
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(10)
        s.connect(path)
        s.sendall(fcgi_bytes(params("/healthz")))
        ok("ok\n" in fcgi_read(s), f"the {turn} program serves systemd's "
           "socket")
        p.terminate()
        ok(p.wait(10) == 0 and os.path.exists(path),
           "and leaves it when it ends")
    held.close()


def test_config(site):
    bad = os.path.join(site.dir, "bad.conf")
    with open(bad, "w") as f:
        f.write("[offboard]\ndata_dir = /tmp/x\nsurprise = 1\n")
    p = subprocess.run([FCGI, "-c", bad], stderr=subprocess.PIPE)
    ok(p.returncode == 78 and b"bad.conf:3" in p.stderr,
       "a bad key is named with its line, exit 78", p.stderr)
    p = subprocess.run([FCGI, "-x"], stderr=subprocess.PIPE)
    ok(p.returncode == 64, "a wrong option is exit 64", p.returncode)


def test_public_url():
    site = Site(web="public_url = https://offboard.corp.example", limit=True)
    try:
        token = csrf_of(site.get("/offboardings/new"))
        form = {"csrf": token, "draft": "", "step": "who",
                "email": "fay@corp.example", "name": "", "employee_id": "",
                "login": ""}
        for origin, want in (("https://offboard.corp.example", 303),
                             ("http://offboard.corp.example", 403),
                             (f"http://127.0.0.1:{site.port}", 403)):
            page = site.post("/offboardings/new", form,
                             headers={"Origin": origin})
            ok(page.status == want, f"with public_url, {origin} is a {want}",
               page.status)
        pages = [site.post("/offboardings/new", {}) for _ in range(200)]
        over = [p for p in pages if p.status == 429]
        ok(over and "Too many forms" in over[0].text,
           "too many forms at once are a 429 on a page of ours")
        ok(site.get("/").status == 200, "which does not count pages")
    finally:
        site.end()


def main():
    find_nginx()
    for program in (FCGI, SEED):
        if not os.access(program, os.X_OK):
            skip_all(f"{program} has not been built")
    site = Site()
    try:
        site.seed("fleet", FLEET)
        test_identity(site)
        ok("Nobody has been" in site.get("/").text, "an empty list says so")
        case = test_roles(site)
        test_methods(site)
        draft = test_flow(site)
        test_when(site, draft)
        test_plan(site, draft)
        test_start(site)
        test_csrf(site, case)
        test_forms(site)
        test_acts(site, case)
        test_approval(site)
        test_lists(site)
        test_reports(site)
        test_peers(site)
        test_config(site)
        test_inherited(site)
        test_stop(site)
        site.log.flush()
        site.log.seek(0)
        ok("sanitizer" not in site.log.read().lower().replace("san:", ""),
           "nothing was wrong with memory")
    finally:
        if failed:
            site.log.flush()
            site.log.seek(0)
            for line in site.log.read().splitlines()[-20:]:
                print("# " + line)
        site.end()
    test_public_url()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
