package sim

import (
	"strings"

	"github.com/widget-futures/widget-futures/protocol/session"
)

// secretOf is the last segment that is a secret in a URL, and its verb.
func secretOf(url string) (id, verb string) {
	path := strings.Split(strings.TrimPrefix(url, baseURL), "/")
	last := path[len(path)-1]
	switch last {
	case "send", "cancel", "restart":
		return path[len(path)-2], last
	}
	name, _, _ := strings.Cut(last, "-")
	return last, map[string]string{"refresh": "restart", "cancel": "cancel", "send": "send"}[name]
}

// postHTTP posts a token to the homeserver.
func (p *page) postHTTP(now session.Now, serial int32, url string) {
	id, verb := secretOf(url)
	r := &request{
		page: p, http: true, serial: serial, id: id, verb: verb,
		at: p.w.now, mono: now.Mono, wall: now.Wall,
	}
	p.https[serial] = r
	p.posted(now, r)
	p.w.tell("→ %s", r)
	end := func(status int, why *refusal) {
		p.w.device.awake(func() {
			if !p.hears() || p.https[serial] != r {
				return
			}
			delete(p.https, serial)
			a := &answer{reply: &reply{}}
			if why != nil {
				a = &answer{message: "HTTP", why: why}
			}
			p.w.tell("← answer to %s: %s", r, a)
			p.learn(r, a)
			p.input(func(now session.Now) { p.core.HTTPDone(now, serial, status, httpFields(why)) })
			p.learned(r, a)
		})
	}
	f := p.w.carry(pageToServer, r, func() {
		_, why := p.w.server.useToken(r)
		switch {
		case why == nil:
			p.w.slowly(func() { p.w.carry(serverToPage, about{"to ", r}, func() { end(200, nil) }) })
		case why.status == 0:
			p.w.after(20, func() { end(-int(p.w.draws.next()&1), why) })
		default:
			p.w.carry(serverToPage, about{"to ", r}, func() { end(why.status, why) })
		}
	})
	if f.lost && p.w.draws.chance(0.5) { // else nobody ever answers
		p.w.after(200, func() { end(0, &refusals[noBody]) })
	}
}

// beacon is a POST that outlives the page; nobody waits for its answer.
func (p *page) beacon(now session.Now, url string) {
	id, verb := secretOf(url)
	r := &request{page: p, http: true, beacon: true, id: id, verb: verb, at: p.w.now, mono: now.Mono, wall: now.Wall}
	p.w.stats.Beacons++
	p.posted(now, r)
	p.w.tell("→ %s", r)
	use := p.w.server.useToken
	if strings.Contains(url, "/delayed_events/") {
		use = p.w.server.update
	}
	p.w.carry(pageToServer, r, func() { use(r) })
}
