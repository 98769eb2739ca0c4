package homeserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// twins are two worlds to which the same is done: one keeps a journal and is closed and opened again, the other runs through in memory.
// What each of them answers must be the same but for what is random in it.
type twins struct {
	t      *testing.T
	random *rand.Rand
	both   [2]*twin // the first keeps the journal
	log    []string
	n      int // of things made up so far
}

// twin is a world whose random names are known by the order they turned up in.
type twin struct {
	*world
	names map[string]string // by what it is called here
}

var randomMembers = regexp.MustCompile(`^(event_id|delay_id|room_id|replaces_state|org\.matrix\.msc4140\.delay_id|access_token|future_group_id|.*_token)$`)

// learn takes the random names of an answer in.
func (w *twin) learn(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if text, ok := value[name].(string); ok && len(text) > 9 && randomMembers.MatchString(name) {
				if w.names[text] == "" {
					w.names[text] = fmt.Sprintf("<%d>", len(w.names))
				}
			}
			w.learn(value[name])
		}
	case []any:
		for _, member := range value {
			w.learn(member)
		}
	}
}

// plain is a text with every random name replaced by its number.
func (w *twin) plain(text string) string {
	var out strings.Builder
	for text != "" {
		end := strings.IndexAny(text, `"/?=&\ `) + 1
		if end == 0 {
			end = len(text)
		}
		word := strings.TrimRight(text[:end], `"/?=&\ `)
		if number, known := w.names[strings.Replace(word, "%21", "!", 1)]; known {
			out.WriteString(number)
		} else {
			out.WriteString(word)
		}
		out.WriteString(text[len(word):end])
		text = text[end:]
	}
	return out.String()
}

// special is the reverse for one request.
func (w *twin) special(text string) string {
	for name, number := range w.names {
		text = strings.ReplaceAll(text, number, url.PathEscape(name))
	}
	return text
}

// ask does one request and returns status and answer, both without what is random.
func (w *twin) ask(method, path string, as *Account, body string) string {
	w.t.Helper()
	var account Account
	if as != nil {
		account = *as
	}
	recorder := w.do(method, w.special(path), account, body)
	text := recorder.Body.String()
	var answer any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	w.learn(answer)
	return fmt.Sprintf("%d %s", recorder.Code, w.plain(text))
}

// who picks the account of one twin.
type who func(*world) *Account

func alice(w *world) *Account     { return &w.alice }
func moderator(w *world) *Account { return &w.moderator }
func nobody(*world) *Account      { return nil }

// ask does the same request to both and compares; it returns the answer's members, random ones as numbers.
func (p *twins) ask(method, path string, as who, body string) map[string]any {
	p.t.Helper()
	var answers [2]string
	for i, w := range p.both {
		answers[i] = w.ask(method, path, as(w.world), body)
	}
	p.log = append(p.log, fmt.Sprintf("%s %s %s → %.200s", method, path, body, answers[1]))
	if answers[0] != answers[1] {
		from := 0
		for from < min(len(answers[0]), len(answers[1])) && answers[0][from] == answers[1][from] {
			from++
		}
		from = max(0, from-100)
		p.fail("%s %s %s:\nwith a journal …%.400s\nwithout        …%.400s", method, path, body, answers[0][from:], answers[1][from:])
	}
	var answer map[string]any
	_ = json.Unmarshal([]byte(answers[0][4:]), &answer) // a list has no members
	return answer
}

func (p *twins) fail(format string, values ...any) {
	p.t.Helper()
	p.t.Fatalf("%s\nafter\n%s", fmt.Sprintf(format, values...), strings.Join(p.log[max(0, len(p.log)-20):], "\n"))
}

const clientV3 = "/_matrix/client/v3/"

// compare asks for everything there is to see, of the timeline its end.
func (p *twins) compare() {
	p.t.Helper()
	for _, as := range []who{alice, moderator} {
		p.ask("GET", clientV3+"future", as, "")
		p.ask("GET", delayedPath(""), as, "")
		p.ask("GET", p.room("messages?dir=b&limit=30"), as, "")
		p.ask("GET", p.room("state"), as, "")
	}
}

// room is the path of something in the room both have.
func (p *twins) room(rest string) string {
	return clientV3 + "rooms/" + p.both[0].plain(p.both[0].world.room) + "/" + rest
}

// advance moves both clocks from timer to timer.
func (p *twins) advance(d time.Duration, between func()) {
	p.log = append(p.log, "advance "+d.String())
	for d > 0 {
		step := d
		for _, w := range p.both {
			step = min(step, w.clock.untilNext())
		}
		for _, w := range p.both {
			w.clock.advance(step)
		}
		d -= step
		between()
	}
}

// pick returns one of the given, at random.
func pick[T any](p *twins, from ...T) T { return from[p.random.IntN(len(from))] }

func (p *twins) newName() string {
	p.n++
	return fmt.Sprintf("n%d", p.n)
}

// txn is mostly a new transaction, now and then an old one.
func (p *twins) txn() string {
	if p.n > 0 && p.random.IntN(5) == 0 {
		return fmt.Sprintf("n%d", 1+p.random.IntN(p.n))
	}
	return p.newName()
}

func (p *twins) content() string { return fmt.Sprintf(`{"n":%d,"<&>":"ä"}`, p.random.IntN(3)) }

func (p *twins) ms() int { return 1 + p.random.IntN(20_000) }

func (p *twins) state() string { return "org.example.state/" + pick(p, "", "a", "b", "a%2Fc", "%FF") }

// script does so many random things; what was scheduled is used later.
func (p *twins) script(steps int, between func()) {
	var futures, delayed []map[string]any
	for range steps {
		as := pick(p, who(alice), alice, moderator)
		var future, event map[string]any
		switch p.random.IntN(14) {
		case 0:
			p.ask("PUT", p.room("send/org.example.note/"+p.txn()+pick(p, "", "?org.matrix.msc4354.sticky_duration_ms=5000")), as, p.content())
		case 1:
			p.ask("PUT", p.room("state/"+p.state()), as, p.content())
		case 2:
			event = p.ask("PUT", p.room(fmt.Sprintf("send/org.example.note/%s?org.matrix.msc4140.delay=%d", p.txn(), p.ms())), as, p.content())
		case 3:
			event = p.ask("PUT", p.room(fmt.Sprintf("state/%s?org.matrix.msc4140.delay=%d", p.state(), p.ms())), as, p.content())
		case 4, 5:
			query := url.Values{}
			if p.random.IntN(3) > 0 {
				query.Set("future_timeout", fmt.Sprint(p.ms()))
			}
			if len(futures) > 0 && p.random.IntN(3) > 0 {
				query.Set("future_group_id", pick(p, futures...)["future_group_id"].(string))
			} else if p.random.IntN(3) == 0 {
				query.Set("future_group_id", pick(p, "own1", "own2", "own\xff"))
			}
			path := pick(p, "send_future/org.example.note/"+p.txn(), "state_future/"+p.state())
			future = p.ask("PUT", p.room(path+"?"+strings.ReplaceAll(strings.ReplaceAll(query.Encode(), "%3C", "<"), "%3E", ">")), as, p.content())
		case 6, 7:
			if len(futures) > 0 {
				token, known := pick(p, futures...)[pick(p, "send_token", "cancel_token", "refresh_token", "refresh_token")].(string)
				if known {
					p.ask("POST", clientV3+"future/"+token, nobody, "")
				}
			}
		case 8, 9:
			if len(delayed) > 0 {
				p.ask("POST", delayedPath("/"+pick(p, delayed...)["delay_id"].(string)+"/"+pick(p, "send", "cancel", "restart", "restart")), nobody, "")
			}
		case 10:
			p.ask("PUT", p.room("state/m.room.member/"+url.PathEscape("@alice:hs.test")), pick(p, who(alice), moderator),
				`{"membership":"`+pick(p, "leave", "join", "ban")+`"}`)
			between()
			p.ask("POST", clientV3+"join/"+p.both[0].plain(p.both[0].world.room), alice, "{}")
		case 11:
			switch p.random.IntN(8) {
			case 0:
				p.log = append(p.log, "forget")
				for _, w := range p.both {
					w.server.ForgetScheduled()
				}
			case 1:
				p.ask("POST", clientV3+"register", nobody, `{"username":"`+p.newName()+`","device_id":"D"}`)
			case 2:
				p.ask("POST", clientV3+"createRoom", as, `{"name":"x","initial_state":[{"type":"t","content":{"n":1}}]}`)
			case 3:
				p.ask("POST", clientV3+"createRoom", as, `{"initial_state":[{"type":"m.room.create","content":{}}]}`)
			}
		default:
			p.advance(time.Duration(p.random.IntN(3000))*time.Millisecond, between)
		}
		if future["send_token"] != nil {
			futures = append(futures, future)
		}
		if event["delay_id"] != nil {
			delayed = append(delayed, event)
		}
		between()
	}
}
