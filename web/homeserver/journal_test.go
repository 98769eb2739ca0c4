package homeserver

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func init() { forceToDisk = func(*os.File) error { return nil } }

// newTwins makes the pair; both have done what newWorld does.
func newTwins(t *testing.T, seed uint64, options Options) (*twins, string) {
	t.Helper()
	options.MaxWrongTokens = 1 << 30 // who tried how often is not kept
	path := filepath.Join(t.TempDir(), "journal")
	kept := newWorldOn(t, options, func(options Options) *Server { return open(t, path, options) })
	memory := newWorld(t, options)
	p := &twins{t: t, random: rand.New(rand.NewPCG(seed, 1)), both: [2]*twin{{kept, map[string]string{}}, {memory, map[string]string{}}}}
	for _, w := range p.both {
		w.learn(map[string]any{"room_id": w.world.room})
	}
	return p, path
}

func open(t *testing.T, path string, options Options) *Server {
	t.Helper()
	server, err := Open(path, options)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// reopen closes the server of a world and opens its journal again. What a timer would have done meanwhile is done now.
func (w *world) reopen(path string, meanwhile time.Duration, spoil func()) {
	w.t.Helper()
	options := w.server.Options()
	w.server.Close()
	if n := w.clock.pending(); n > 0 {
		w.t.Fatalf("a closed server has %d timers", n)
	}
	w.clock.advance(meanwhile)
	spoil()
	w.server = open(w.t, path, options)
	w.t.Cleanup(w.server.Close)
}

func nothing() {}

// stop has a server be stopped, or not.
func stop(t *testing.T, server *Server, down Down) {
	t.Helper()
	if err := server.SetFaults(Faults{Down: down}); err != nil {
		t.Fatal(err)
	}
}

// appendTo writes to the end of a file.
func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatIsOpenedAgainAtAnyMomentAnswersLikeOneThatNeverClosed(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			options := Options{OwnStateCancels: seed%2 == 1}
			if seed%5 == 4 {
				options.BatchMs = 700
			}
			if seed%3 == 1 {
				options.Finished = FinishedConflict // remembers what is over
			}
			p, path := newTwins(t, seed, options)
			compare := func() {
				p.both[1].server.loseMemory() // what Synapse has in memory only
				p.compare()
			}
			p.script(120, func() {
				switch p.random.IntN(12) {
				case 0:
					p.log = append(p.log, "reopen")
					p.both[0].reopen(path, 0, func() {
						if p.random.IntN(2) == 0 {
							appendTo(t, path, `[{"restarted":{"entry":1,"since":"2024-06-19T12:26:40Z"}}`)
						}
					})
					compare()
				case 1:
					p.log = append(p.log, "restart")
					if err := p.both[0].server.Restart(); err != nil {
						t.Fatal(err)
					}
					compare()
				case 2:
					if seed%3 == 2 {
						meanwhile := time.Duration(p.random.IntN(9000)) * time.Millisecond
						p.log = append(p.log, "reopen after "+meanwhile.String())
						stop(t, p.both[1].server, DownStopped)
						p.both[1].clock.advance(meanwhile)
						stop(t, p.both[1].server, "")
						p.both[1].clock.advance(0) // its timers run, even those that are late
						p.both[0].reopen(path, meanwhile, nothing)
						compare()
					}
				}
			})
			p.advance(time.Minute, nothing)
			p.compare()
			p.ask("GET", p.room("messages?dir=f&limit=1000"), moderator, "")
		})
	}
}

func TestWhereverAJournalIsCutItHoldsWhatWasAnsweredBeforeThat(t *testing.T) {
	p, path := newTwins(t, 99, Options{})
	kept := p.both[0]
	type moment struct {
		size int
		at   time.Time
		told string
	}
	tell := func(w *twin) string {
		var all string
		for _, as := range []*Account{&w.alice, &w.moderator} {
			for _, path := range []string{clientV3 + "future", delayedPath(""), w.roomPath("messages?dir=b&limit=30"), w.roomPath("state")} {
				all += fmt.Sprintln(w.ask("GET", path, as, ""))
			}
		}
		return all
	}
	read := func() []byte {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var moments []moment
	p.script(70, func() {
		moments = append(moments, moment{len(read()), kept.clock.Now(), tell(kept)})
		tell(p.both[1]) // it knows the same names
	})
	whole := read()
	if n := bytes.Count(whole, []byte("\n")); n < 30 {
		t.Fatalf("only %d lines", n)
	}
	first := 0
	for size := moments[0].size; size <= len(whole); size += 1 + p.random.IntN(150) {
		for first+1 < len(moments) && moments[first+1].size <= size {
			first++
		}
		cut := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(cut, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		clock := newFakeClock()
		clock.now = moments[first].at
		server := open(t, cut, Options{ServerName: "hs.test", Clock: clock})
		told := tell(&twin{&world{t: t, server: server, alice: kept.alice, moderator: kept.moderator, room: kept.room}, kept.names})
		server.Close()
		if told != moments[first].told {
			t.Fatalf("cut at byte %d:\n%s\nand before:\n%s", size, told, moments[first].told)
		}
	}
}
