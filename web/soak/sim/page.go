package sim

import (
	"math"
	"reflect"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	widgetID    = "w1"
	probeAction = "probe.sim"
	handshakeMs = 60000
)

// page is one life of the page: a client and its driver, who carries out the
// effects as the shim does (the duties of packages session and future), and
// what the oracle has seen of it.
type page struct {
	w      *world
	number int
	client *future.Client
	core   Core
	born   float64
	monoAt float64 // of the device, at birth

	dead    bool // gone
	deadAt  float64
	frozen  bool // in the back/forward cache
	closing bool // Close was called
	closed  bool // the client says so
	closeBy float64

	ready     bool // the negotiation has ended
	knowsUser bool // the client was told who the user is
	versions  bool // the host has said what it speaks
	proved    bool // a future was scheduled, so there has been a probe
	steady    bool
	wakeAt    float64 // monotonic; +Inf: no wake-up is asked for
	timer     int     // of the wake-up that counts
	eager     int     // wake-ups in a row that asked for another at once
	late      float64 // by which wake-ups came late, summed

	calls    map[int32]*call
	lastCall int32
	peak     int     // calls open at the busiest moment
	hiding   bool    // a pagehide is under way
	verbs    []*call // the page's own, not posted yet
	holds    []*keeper
	keeps    []*keeper
	futures  []*pageFuture
	posts    map[int32]*request // to the host, by serial
	https    map[int32]*request
	secrets  map[string]bool // ids and tokens the page was given
	own      map[string]bool // ids of own events the page was told
	sentNow  bool            // a receipt said that a future went out at once
	sentTold bool
	limited  float64 // monotonic time until which a 429 told to wait
	jumped   float64 // monotonic time of the last input that saw a clock jump
	last     session.Now

	told    map[string]*roomEvent // of each key, what the host has told of last
	waiting []func(session.Now)   // inputs that came while another was carried out
	busy    bool                  // one is
	whims   int                   // holds that page code began meanwhile

	fresh  []*request // posted by this input
	hidden []*request // posted by pagehide
	inbox  []protocol.Field
}

// pageFuture is a future as the page holds it.
type pageFuture struct {
	dialect, delayID string
	tokens           [3]string
	timeoutMs        float64
	expiresAt        float64
	ended            bool
	server           *serverFuture
}

// born begins a life. heir is the life before it, whose holds a reloaded page
// asks for again, with the same contents or with others.
func (w *world) born(heir *page, same bool) {
	p := &page{
		w: w, number: len(w.lives) + 1, born: w.now, monoAt: w.device.mono(), wakeAt: math.Inf(1), jumped: math.Inf(-1),
		calls: map[int32]*call{}, posts: map[int32]*request{}, https: map[int32]*request{}, secrets: map[string]bool{}, own: map[string]bool{},
		told: map[string]*roomEvent{},
	}
	cfg := future.Config{
		RoomID: w.word(roomID), ProbeAction: probeAction, Seed: w.draws.unit(),
	}
	cfg.Session = session.Config{
		Dialect: w.set.Dialect, WidgetID: w.word(widgetID), HostKnown: true, DeadlineMs: w.set.DeadlineMs, HandshakeMs: handshakeMs,
		Capabilities: []string{
			protocol.CapSendState + stateType, protocol.CapSendEvent + plainType, protocol.CapReceiveState + stateType,
		},
	}
	if w.set.Homeserver {
		cfg.HomeserverURL = baseURL
	}
	p.knowsUser = w.set.UserKnown && tellUser(&cfg)
	p.core, p.client = w.core(cfg)
	w.page = p
	w.lives = append(w.lives, p)
	w.tell("— life %d begins", p.number)
	p.last = w.device.clock(p)
	p.input(func(now session.Now) { p.core.Open(now) })
	if heir != nil {
		p.inherit(heir, same)
	}
}

// tellUser passes who the user is, as far as the core takes it; it reports
// whether it does.
func tellUser(cfg *future.Config) bool {
	field := reflect.ValueOf(cfg).Elem().FieldByName("UserID")
	if field.IsValid() {
		field.SetString(user)
	}
	return field.IsValid()
}

// input gives the client an input and carries out what it asks for. Page code
// that calls meanwhile has to wait for its turn, as it has in the shim.
func (p *page) input(do func(session.Now)) {
	if p.waiting = append(p.waiting, do); p.busy {
		p.w.stats.Reentered++
		return
	}
	p.busy = true
	for len(p.waiting) > 0 {
		do, p.waiting = p.waiting[0], p.waiting[1:]
		p.take(do)
	}
	p.busy = false
}

// take gives the client one input.
func (p *page) take(do func(session.Now)) {
	now := p.w.device.clock(p)
	if math.Abs((now.Wall-p.last.Wall)-(now.Mono-p.last.Mono)) > 2000 {
		p.jumped = now.Mono
	}
	p.last = now
	p.w.stats.Inputs++
	p.client.Reset()
	do(now)
	p.drain(now)
	p.afterInput(now)
}

// hears reports whether the page takes part in anything.
func (p *page) hears() bool { return !p.dead && !p.frozen }

// drain carries out the effects of an input.
func (p *page) drain(now session.Now) {
	woken := false
	for _, e := range p.client.Effects {
		fields := p.client.Fields(e)
		p.checkEffect(e)
		switch e.Op {
		case session.Post:
			p.post(now, e.ID, fields)
		case session.Deliver:
			p.reply(fields)
		case session.Settle:
			p.settle(now, e.ID, fields)
		case session.Fail:
			p.fail(now, e.ID, fields)
		case session.Wake:
			p.wakeAt, woken = e.At, true
			p.checkWake(now, e.At)
		case session.Change:
			p.change(session.Status(e.ID))
		case session.HTTP:
			p.postHTTP(now, e.ID, protocol.Get(fields, protocol.URL).Str)
		case session.Hangup:
			delete(p.https, e.ID)
		case session.SentImmediately:
			p.sentTold = true
			p.w.stats.Early++
			p.w.tell("← sentimmediately")
		case session.Orphaned:
			p.orphaned(fields)
		case session.Kept:
			p.kept(now, e.ID, fields)
		case session.Armed:
			p.armed(now, e.ID, fields)
		case session.Over:
			p.over(now, e.ID)
		case session.Beacon:
			p.beacon(now, protocol.Get(fields, protocol.URL).Str)
		case session.Steady:
			p.setSteady(e.ID == 1)
		}
	}
	if woken {
		p.planTick()
	}
}

// planTick sets the timer for the wake-up asked for, in place of any other.
func (p *page) planTick() {
	p.timer++
	if !p.hears() || p.w.device.asleep > 0 || math.IsInf(p.wakeAt, 1) {
		return
	}
	timer := p.timer
	p.w.at(p.w.device.timerAt(p.wakeAt-p.w.device.clock(p).Mono), func() {
		if p.timer == timer {
			p.tick()
		}
	})
}

func (p *page) tick() {
	d := &p.w.device
	if !p.hears() || d.asleep > 0 {
		return
	}
	now := d.clock(p)
	if now.Mono < p.wakeAt { // the clock stood still meanwhile
		p.planTick()
		return
	}
	p.late += now.Mono - p.wakeAt
	p.wakeAt = math.Inf(1)
	p.input(func(now session.Now) { p.core.Tick(now) })
	p.ticked(now)
}

// wakeUp tells the client that the page is awake, visible or online again.
func (p *page) wakeUp() {
	if p.hears() && p.w.device.asleep == 0 {
		p.w.tell("  the page is awake")
		for _, k := range p.keepers() {
			k.hurried = p.w.device.clock(p).Mono
		}
		p.input(func(now session.Now) { p.core.Page(now, future.PageAwake) })
	}
}

func (p *page) change(status session.Status) {
	p.w.tell("← status %s", session.Statuses()[status])
	switch status {
	case session.Ready:
		p.ready = true
		for _, k := range p.keepers() {
			k.beat(p.last.Mono)
		}
	case session.Closed:
		p.closed = true
		p.checkClosed()
	}
}

func (p *page) setSteady(on bool) {
	if on == p.steady {
		p.w.broken(SteadyWhileKept, "Steady %v was said twice", on)
	}
	p.steady = on
}

// reply posts an answer to the host's request.
func (p *page) reply(fields []protocol.Field) {
	if list, ok := protocol.Texts(fields, protocol.RespCapabilities); ok {
		p.w.carry(pageToHost, note("the capabilities wanted"), func() {
			p.w.device.awake(func() { p.w.host.capabilities(p, list) })
		})
	}
}

// post sends a request to the host.
func (p *page) post(now session.Now, serial int32, fields []protocol.Field) {
	r := &request{page: p, at: p.w.now, mono: now.Mono, wall: now.Wall}
	r.parse(fields)
	p.posts[serial] = r
	p.posted(now, r)
	p.w.tell("→ %s", r)
	p.w.carry(pageToHost, r, func() {
		p.w.device.awake(func() { p.w.host.receive(r) })
	})
}

// answered takes an answer of the host.
func (p *page) answered(r *request, a *answer) {
	p.w.device.awake(func() {
		if !p.hears() {
			return
		}
		p.w.tell("← answer to %s: %s", r, a)
		p.learn(r, a)
		p.input(func(now session.Now) { p.core.Receive(now, p.answerFields(r, a)) })
		p.learned(r, a)
	})
}

func (a *answer) String() string {
	switch {
	case a.garbage > 0:
		return "garbage"
	case a.why != nil:
		return a.why.String()
	case a.message != "":
		return "refused: " + a.message
	case a.reply != nil:
		return strings.TrimSpace("ok " + a.reply.event + a.reply.id)
	}
	return "ok"
}
