package future

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/widget-futures/widget-futures/protocol/session"
)

// sent is a request to the host, or to the homeserver if it has no message.
type sent struct {
	what     string // schedule, state, refresh, cancel, send, beacon, probe, or the action
	id       string // of the future that a verb is about
	ms       float64
	at       session.Now
	data     message
	url      string
	serial   int32
	message  message
	answered bool
	asked    bool // by serve
}

var verbWords = map[any]string{"restart": "refresh", "cancel": "cancel", "send": "send"}

// tokenOf finds the future and the verb in where a token is posted.
var tokenOf = regexp.MustCompile(`/(sec\d+)-(refresh|cancel|send)$`)

// record remembers a request, told apart by what it asks for.
func (p *page) record(serial int32, m message, url string) {
	p.t.Helper()
	s := &sent{serial: serial, message: m, url: url, at: p.now}
	p.sent = append(p.sent, s)
	if m == nil {
		if found := tokenOf.FindStringSubmatch(url); found != nil {
			s.id, s.what = found[1], found[2]
		}
		return
	}
	s.data = m["data"].(message)
	s.id, _ = s.data["delay_id"].(string)
	s.what = m["action"].(string)
	switch word := verbWords[s.data["action"]]; {
	case s.what == "send_event":
		s.what = "state"
		for name := range futureMembers {
			if ms, ok := s.data[name].(float64); ok {
				s.what, s.ms = "schedule", ms
			}
		}
	case s.id != "" && word != "":
		s.what = word
	case word != "":
		s.what = "probe"
	}
}

func (p *page) hangup(serial int32) {
	for _, s := range p.sent {
		s.answered = s.answered || s.message == nil && s.serial == serial
	}
}

// reply is how a host or a homeserver answers.
type reply struct {
	status   int // 0: none of a homeserver; a host that says no more than "no"
	body     message
	wait     string // the Retry-After header
	response any    // of a host that answers in words of its own
}

var ok200 = reply{status: 200}

func errcode(status int, code string) reply {
	return reply{status: status, body: message{"errcode": code, "error": "told"}}
}

var spent = errcode(404, "M_NOT_FOUND")

// reply answers a request.
func (p *page) reply(s *sent, r reply) {
	p.t.Helper()
	s.answered = true
	if s.message == nil {
		p.httpDone(s.serial, r.status, with(r.body))
		return
	}
	response := r.response
	switch {
	case response != nil:
	case r.status >= 200 && r.status < 300:
		response = with(r.body)
	case r.status <= 0:
		response = refusing("no")
	default:
		headers := message{}
		if r.wait != "" {
			headers["retry-after"] = r.wait
		}
		response = relayed(r.status, with(r.body))
		response.(message)["error"].(message)["matrix_api_error"].(message)["http_headers"] = headers
	}
	for i, m := range p.posts {
		if m["requestId"] == s.message["requestId"] {
			p.posts = slices.Delete(p.posts, i, i+1)
			break
		}
	}
	p.receive(with(s.message, "response", response))
}

// relayed is a Matrix error as a host hands it on.
func relayed(status int, body message) message {
	return message{"error": message{"message": "no", "matrix_api_error": message{"http_status": status, "url": "", "response": body}}}
}

// receipt is what a schedule or a state is answered with: future n, event n.
func (p *page) receipt(s *sent, n int) reply {
	id := "sec" + strconv.Itoa(n)
	switch {
	case s.what == "state":
		return reply{status: 200, body: message{"room_id": room, "event_id": "$s" + strconv.Itoa(n)}}
	case s.what != "schedule":
		return ok200
	case s.data["delay"] != nil:
		return reply{status: 200, body: message{"room_id": room, "delay_id": id}}
	}
	return reply{status: 200, body: message{
		"room_id": room, "event_id": "", "group_id": "group",
		"send_token": id + "-send", "cancel_token": id + "-cancel", "refresh_token": id + "-refresh",
	}}
}

// pending returns the oldest request of the kind whose answer is still waited
// for, nil if there is none.
func (p *page) pending(what string) *sent {
	for _, s := range p.sent {
		if s.what == what && !s.answered && p.now.Mono-s.at.Mono < 10000 {
			return s
		}
	}
	return nil
}

// of is pending where there must be one.
func (p *page) of(what string) *sent {
	p.t.Helper()
	s := p.pending(what)
	if s == nil {
		p.t.Fatalf("no %s is on its way; sent: %s", what, p.script(0))
	}
	return s
}

// grant answers the oldest request of each kind as a homeserver does that has
// nothing against it. Its futures and events are numbered as they were asked for.
func (p *page) grant(kinds ...string) {
	p.t.Helper()
	for _, what := range kinds {
		s := p.of(what)
		p.reply(s, p.receipt(s, p.number(s)))
	}
}

// number counts the requests of a kind.
func (p *page) number(s *sent) int {
	n := 0
	for _, other := range p.sent {
		if other.what == s.what {
			n++
		}
		if other == s {
			break
		}
	}
	return n
}

// refuse answers the oldest request of the kind.
func (p *page) refuse(what string, r reply) {
	p.t.Helper()
	p.reply(p.of(what), r)
}

// script tells what was sent since the n-th request.
func (p *page) script(n int) string {
	var words []string
	for _, s := range p.sent[n:] {
		words = append(words, strings.TrimSpace(s.what+" "+s.id))
	}
	return strings.Join(words, ", ")
}

// sees asserts what was sent since the last look.
func (p *page) sees(want string) {
	p.t.Helper()
	if got := p.script(p.seen); got != want {
		p.t.Fatalf("sent %q, want %q", got, want)
	}
	p.seen = len(p.sent)
}

// news counts what was sent since the last look.
func (p *page) news(what string) []*sent { return ofKind(what, p.sent[p.seen:]) }

// all lists what was sent of a kind.
func (p *page) all(what string) []*sent { return ofKind(what, p.sent) }

func ofKind(what string, from []*sent) (list []*sent) {
	for _, s := range from {
		if s.what == what {
			list = append(list, s)
		}
	}
	return list
}

// none asserts that nothing of the kinds was sent since the last look.
func (p *page) none(kinds ...string) {
	p.t.Helper()
	for _, what := range kinds {
		if len(p.news(what)) > 0 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	}
}

// wrote asserts that the state was sent once since the last look, and what it said.
func (p *page) wrote(n float64) {
	p.t.Helper()
	if list := p.news("state"); len(list) != 1 || list[0].says("n") != n {
		p.t.Fatalf("sent %s", p.script(p.seen))
	}
}

// says asserts what the latest state said.
func (p *page) says(n float64) {
	p.t.Helper()
	if list := p.news("state"); len(list) == 0 || list[len(list)-1].says("n") != n {
		p.t.Fatalf("sent %s", p.script(p.seen))
	}
}

// says is a member of the content.
func (s *sent) says(name string) any { return s.data["content"].(message)[name] }

// run lets time go by while each request is answered at once, or never where
// the answers have none.
func (p *page) run(ms float64, answers func(*sent) *reply) {
	p.t.Helper()
	end := p.now.Mono + ms
	p.serve(answers)
	p.sleep(end, func() { p.serve(answers) })
}

func (p *page) serve(answers func(*sent) *reply) {
	p.t.Helper()
	for i := 0; i < len(p.sent); i++ { // answers make more
		if s := p.sent[i]; !s.answered && !s.asked {
			s.asked = true
			if r := answers(s); r != nil {
				p.reply(s, *r)
			}
		}
	}
}

// willing answers as a host and a homeserver do where nothing is wrong.
func (p *page) willing(s *sent) *reply {
	r := p.receipt(s, p.number(s))
	return &r
}

// silent answers nothing.
func silent(*sent) *reply { return nil }

// but answers the requests of a kind otherwise.
func (p *page) but(what string, r *reply) func(*sent) *reply {
	return func(s *sent) *reply {
		if s.what == what {
			return r
		}
		return p.willing(s)
	}
}

// until lets time pass until a request of the kind is on its way.
func (p *page) until(what string) *sent {
	p.t.Helper()
	for end := p.now.Mono + 1e6; p.pending(what) == nil; {
		if p.wake > end {
			p.t.Fatalf("no %s ever comes; sent %s", what, p.script(0))
		}
		p.pass(max(p.wake-p.now.Mono, 0))
	}
	return p.pending(what)
}

// serveOne answers the oldest request that is on its way.
func (p *page) serveOne() {
	p.t.Helper()
	for _, s := range p.sent {
		if !s.answered {
			p.reply(s, *p.willing(s))
			return
		}
	}
	p.t.Fatalf("nothing is on its way; sent %s", p.script(0))
}

// serveOthers answers all that is on its way but one.
func (p *page) serveOthers(but *sent) {
	p.t.Helper()
	but.asked = true
	p.serve(p.willing)
}
