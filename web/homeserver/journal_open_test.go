package homeserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newKeptWorld is a world with a journal at path.
func newKeptWorld(t *testing.T) (w *world, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal")
	return newWorldOn(t, Options{}, func(options Options) *Server { return open(t, path, options) }), path
}

// scheduledFutures are alice's.
func (w *world) scheduledFutures() (list []any) {
	w.t.Helper()
	recorder := w.do("GET", clientV3+"future", w.alice, nil)
	if err := json.Unmarshal(recorder.Body.Bytes(), &list); err != nil {
		w.t.Fatalf("%v in %s", err, recorder.Body)
	}
	return list
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestWhatFellDueWhileTheServerWasOffIsSentAtOnceTheEarliestFirst(t *testing.T) {
	w, path := newKeptWorld(t)
	first := w.future(w.alice, "group-3rd", "future_timeout=3000")
	w.future(w.alice, "group-never", "future_timeout=3500&"+inGroup(first))
	w.future(w.alice, "not-restarted", "future_timeout=1500")
	for i, ms := range []int{5000, 1000, 4000, 2000} {
		w.delay(fmt.Sprintf("send/%s/d%d", futureKind, i), w.alice, ms, map[string]any{"name": fmt.Sprint(ms)})
	}
	late := w.delay("send/"+futureKind+"/late", w.alice, 6001, map[string]any{"name": "late"})
	w.clock.advance(500 * time.Millisecond)
	w.use(w.future(w.alice, "restarted", "future_timeout=3600"), "refresh")
	w.reopen(path, 5500*time.Millisecond, nothing)
	w.wantLanded("1000", "not-restarted", "2000", "group-3rd", "4000", "restarted", "5000")
	w.clock.advance(time.Millisecond)
	w.wantLanded("1000", "not-restarted", "2000", "group-3rd", "4000", "restarted", "5000", "late")
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+late+"/send"), Account{}, nil)
	w.clock.advance(time.Hour)
	if n := len(w.landed()); n != 8 {
		t.Errorf("%d events in the end", n)
	}
	w.reopen(path, time.Hour, nothing)
	if n := len(w.landed()); n != 8 {
		t.Errorf("%d events after opening it once more", n)
	}
}

func TestAJournalThatCannotBeUsedIsRefusedByNameAndLineAndLeftAsItIs(t *testing.T) {
	w, good := newKeptWorld(t)
	w.future(w.alice, "f", "future_timeout=3000")
	w.server.Close()
	lines := strings.SplitAfter(string(readFile(t, good)), "\n")
	with := func(at int, line string) string {
		changed := slices.Clone(lines)
		changed[at-1] = line
		return strings.Join(changed, "")
	}
	for want, text := range map[string]string{
		"line 1: it is no widget-futures homeserver journal":                            "a shopping list\n",
		"line 1: it is no widget-futures homeserver journal ":                           strings.Repeat("x", 5000),
		"line 1: it has version 2 of its format, and this server knows version 1 alone": with(1, `{"format":"widget-futures homeserver journal","version":2,"new":1}`+"\n"),
		`line 1: it is that of server "other.test", and this is "hs.test"`:              strings.Replace(with(1, lines[0]), "hs.test", "other.test", 1),
		"line 3: invalid character 'b'":                                                 with(3, "[{broken}]\n"),
		"line 3: invalid character ":                                                    with(3, lines[2][:len(lines[2])/2]+"\n"),
		"line 3: EOF":                                                                   with(3, "\n"),
		`line 3: json: unknown field "later"`:                                           with(3, `[{"later":{}}]`+"\n"),
		"line 4: a change of no kind":                                                   with(4, "[{}]\n"),
		`line 2: room "!x:hs.test" is unknown`:                                          with(2, `[{"event":{"room":"!x:hs.test","content":{}}}]`+"\n"),
		`line 2: json: cannot unmarshal`:                                                with(2, `{"event":{}}`+"\n"),
		"line 2: entry 7 is not scheduled":                                              with(2, `[{"restarted":{"entry":7}}]`+"\n"),
		"line 2: entry 8 is not scheduled":                                              with(2, `[{"ended":{"entry":8}}]`+"\n"),
		`line 2: user "@x:hs.test" has no device "D"`:                                   with(2, `[{"answered":{"user":"@x:hs.test","device":"D"}}]`+"\n"),
		fmt.Sprintf("line %d: generation %q", len(lines)-1, "g"):                        strings.Replace(strings.Join(lines, ""), `"futures"`, `"g"`, 1),
		fmt.Sprintf("line %d: user %q", len(lines)-1, "@x:hs"):                          with(len(lines)-1, strings.Replace(lines[len(lines)-2], "@alice:hs.test", "@x:hs", 1)),
		fmt.Sprintf("line %d: content is missing", len(lines)-1):                        strings.Replace(strings.Join(lines, ""), `"content":{"name":"f"},`, ``, 1),
		fmt.Sprintf("line %d: parsing time", len(lines)-1) + "\t":                       strings.Replace(strings.Join(lines, ""), `"since":"2`, `"since":"x2`, 1),
	} {
		path := filepath.Join(t.TempDir(), "the-file")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		server, err := Open(path, Options{ServerName: "hs.test"})
		if err == nil {
			server.Close()
			t.Errorf("%q was opened", want)
		} else if !strings.Contains(err.Error(), "journal "+path+", "+strings.TrimSpace(want)) {
			t.Errorf("want %s\ngot  %v", want, err)
		}
		if string(readFile(t, path)) != text {
			t.Errorf("%q: the file is another now", want)
		}
		// nobody has it any more
		if file, err := openLocked(path); err != nil {
			t.Errorf("%q: %v", want, err)
		} else {
			file.Close()
		}
	}
}

func TestAPathThatCanBeNoJournalIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:                          "is a directory",
		filepath.Join(dir, "no/at"):  "no such file or directory",
		os.DevNull:                   "it is no regular file",
		filepath.Join(dir, "a\x00b"): "invalid argument",
		"":                           "no such file",
	} {
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "journal "+path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "fine"), Options{MaxDelayMs: -1}); err == nil || !strings.Contains(err.Error(), "options: ") {
		t.Errorf("options: %v", err)
	}
}

func TestAnEmptyFileIsAnEmptyServerAndOnlyItsOwnerMayReadAJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	server := open(t, path, Options{})
	defer server.Close()
	if _, err := server.Register("alice"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestAJournalBelongsToOneServerAtATime(t *testing.T) {
	w, path := newKeptWorld(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		if _, err := Open(name, Options{ServerName: "hs.test"}); err == nil || !strings.Contains(err.Error(), "journal "+name+": another server that runs has it") {
			t.Errorf("got %v", err)
		}
	}
	w.server.Close()
	second := open(t, link, Options{ServerName: "hs.test", Clock: w.clock})
	defer second.Close()
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is %v now (%v)", info.Mode(), err)
	}
	if _, err := Open(path, Options{ServerName: "hs.test"}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("got %v", err)
	}
}

func TestOpeningAJournalDropsWhatIsOver(t *testing.T) {
	w, path := newKeptWorld(t)
	f := w.future(w.alice, "kept", "future_timeout=3000")
	w.reopen(path, 0, nothing)
	size := len(readFile(t, path))
	for range 500 {
		w.clock.advance(time.Second)
		w.use(f, "refresh")
	}
	if grown := len(readFile(t, path)); grown < size+500*20 {
		t.Fatalf("%d bytes after 500 restarts of %d", grown, size)
	}
	w.reopen(path, 0, nothing)
	if again := len(readFile(t, path)); again > size+20 {
		t.Errorf("%d bytes once opened again, %d before", again, size)
	}
	if left, err := filepath.Glob(filepath.Dir(path) + "/*"); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// fullDisk takes so many bytes.
type fullDisk struct {
	to   *os.File
	room int
}

func (d *fullDisk) Write(b []byte) (int, error) {
	n, err := d.to.Write(b[:min(len(b), d.room)])
	d.room -= n
	if err == nil && n < len(b) {
		err = &os.PathError{Op: "write", Path: d.to.Name(), Err: syscall.ENOSPC}
	}
	return n, err
}

func TestWhatCannotBeKeptIsNotPromisedAndNotTold(t *testing.T) {
	for room := range 40 {
		room *= 9 // a line is torn at many places
		w, path := newKeptWorld(t)
		next := follow(t, w.listen(), w.alice)
		next() // reset
		f := w.future(w.alice, "fires", "future_timeout=3000")
		next()
		disk := &fullDisk{w.server.journal.file, room}
		w.server.journal.out = disk

		refusal := w.refused(500, codeUnknown, "PUT", w.roomPath("send_future/"+futureKind+"/n?future_timeout=60000"), w.alice, map[string]any{"name": "n"})
		if text := refusal["error"].(string); !strings.HasSuffix(text, "cannot write its journal: no space left on device") || strings.Contains(text, path) {
			t.Fatalf("it says %q", text)
		}
		if message := next(); message != nil {
			t.Fatalf("the stream tells %v", message)
		}
		for _, r := range [][2]string{{"GET", clientV3 + "future"}, {"GET", w.roomPath("messages?dir=b")}, {"GET", lifePath}, {"POST", clientV3 + "join/" + w.room}} {
			w.refused(500, codeUnknown, r[0], r[1], w.alice, map[string]any{})
		}
		if _, err := w.server.Register("bob"); err == nil {
			t.Fatal("bob was registered")
		}
		w.clock.advance(3 * time.Second) // fires
		before := readFile(t, path)
		w.refused(500, codeUnknown, "GET", w.roomPath("messages?dir=b"), w.alice, nil)

		if room%2 == 0 { // the server is killed: nothing of it ever was, and the timer is late
			w.server.journal.unwritten = nil
			w.reopen(path, 0, func() {
				if !bytes.Equal(before, readFile(t, path)) {
					t.Fatal("something was written")
				}
			})
			w.wantLanded("fires")
			if n := len(w.scheduledFutures()); n != 0 {
				t.Fatalf("%d futures", n)
			}
			continue
		}
		disk.room = 1 << 20 // there is room again: all is as if the answers had been lost
		w.wantLanded("fires")
		again := w.future(w.alice, "n", "future_timeout=60000")
		w.spent(f, "send")
		w.reopen(path, 0, nothing)
		w.wantLanded("fires")
		if list := w.scheduledFutures(); len(list) != 1 {
			t.Fatalf("%d futures", len(list))
		}
		w.use(again, "send")
		w.wantLanded("fires", "n")
	}
}

func TestARoomsStreamDoesNotTellWhatCannotBeKept(t *testing.T) {
	for range 20 { // which of two wake-ups comes first is up to chance
		w, _ := newKeptWorld(t)
		next := openStream(t, w.listen(), w.room, "access_token="+w.alice.AccessToken)
		w.server.journal.out = &fullDisk{to: w.server.journal.file}
		w.refused(500, codeUnknown, "PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
		if _, event, ok := next(); ok {
			t.Fatalf("it tells %v", event)
		}
	}
}

func TestARestartBreaksStreamsAndForgetsWhoWasLockedOutAndNothingElse(t *testing.T) {
	w, _ := newKeptWorld(t)
	f := w.future(w.alice, "f", "future_timeout=3000")
	base := w.listen()
	streams := []func() map[string]any{follow(t, base, w.alice)}
	streams[0]() // reset
	streams[0]() // f
	room := openStream(t, base, w.room, "access_token="+w.alice.AccessToken)
	for range 6 {
		w.do("POST", clientV3+"future/wrong", Account{}, nil)
	}
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", clientV3+"future/"+f["refresh_token"].(string), Account{}, nil)
	w.clock.advance(time.Second)
	status, _, text := w.admin("POST", asJSON, `{"restart": true, "options": {"maxDelayMs": 5000}}`)
	if status != http.StatusOK || !strings.Contains(text, `"maxDelayMs":5000`) {
		t.Fatalf("%d %s", status, text)
	}
	if message := streams[0](); message != nil {
		t.Errorf("the old stream tells %v", message)
	}
	if _, event, ok := room(); ok {
		t.Errorf("the old stream tells %v", event)
	}
	w.use(f, "refresh")
	w.clock.advance(2999 * time.Millisecond)
	w.wantLanded()
	w.clock.advance(time.Millisecond)
	w.wantLanded("f")
}

func TestAServerWithoutAJournalIsNotRestartedAndTheRestIsNotDone(t *testing.T) {
	w := newWorld(t, Options{})
	status, _, text := w.admin("POST", asJSON, `{"restart": true, "options": {"maxDelayMs": 5000}, "forget": true}`)
	if status != http.StatusBadRequest || !strings.Contains(text, "no journal") || w.server.Options().MaxDelayMs == 5000 {
		t.Errorf("%d %s", status, text)
	}
}

func TestARestartFromAJournalThatWasSpoiltClosesTheServerAndSaysWhy(t *testing.T) {
	w, path := newKeptWorld(t)
	appendTo(t, path, "spoilt\n")
	status, _, text := w.admin("POST", asJSON, `{"restart": true}`)
	if status != http.StatusBadRequest || !strings.Contains(text, path) || !strings.Contains(text, "line ") {
		t.Errorf("%d %s", status, text)
	}
	w.refused(http.StatusServiceUnavailable, codeUnknown, "GET", clientV3+"future", w.alice, nil)
}
