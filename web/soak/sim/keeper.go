package sim

import (
	"fmt"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// keeper is a hold or keepAlive as the page has it, and what the oracle knows of
// it. Times are the page's monotonic clock's where not said otherwise.
type keeper struct {
	p       *page
	call    int32
	hold    bool
	spec    Hold
	key     string
	latest  int32 // handle of the content asked for last
	version int
	leave   int32
	everyMs float64
	inForce float64 // timeout

	// What the page was told.
	status  future.KeepStatus
	said    bool // a status
	started bool
	ended   bool // by Fail
	over    bool
	left    bool // its release is settled

	// What the page did.
	asked       float64   // true time of the call that began it
	actedAt     float64   // true time of its last call about it
	updates     []float64 // of late
	aborted     bool
	loose       bool    // its last update was refused: an older content may stand
	releaseAt   float64 // true time; 0: not asked for
	hiding      bool    // between pagehide and pageshow
	superseded  bool    // there is a newer hold of the same state
	wellAtClose bool

	// Its futures.
	current  *serverFuture
	made     []*serverFuture // that the server ever had for it
	keeping  *pageFuture     // of a keepAlive
	shared   bool            // another keepAlive has the same
	ending   bool            // the page has sent or cancelled it
	everGone bool
	gones    []float64 // when it was told that one is gone, of late
	arms     []float64 // when it got a new one, of late

	// Its state in the room.
	joinedAt     float64 // true time of its first post
	first        bool    // of its page on this state
	wrote        int     // times that the room took it
	wroteVersion int
	heard        []*roomEvent
	knowsUser    bool       // the page can know whose events are its own user's
	before       *roomEvent // that the host had told of last when it began
	told         *roomEvent // its state was overwritten by it in its own user's name
	states       []*request // of its own, of late
	takenAt      float64    // when the last of them was acknowledged
	leftAt       float64    // true time at which a leave that it wrote or sent was acknowledged; 0: none was
	bareSince    float64    // when it was last known to have a leave, or asked for one; 0: it has
	bareLate     float64    // page.late then
	outSince     float64    // when what may pass was refused first; 0: it was not
	hardCause    bool       // a refusal for good that is not about futures was delivered
	echoed       bool       // one of its own was heard of
	kicked       bool       // and then another's
	foreign      bool       // one that may be another's was heard of
	doubts       []float64  // when an own one was heard of that the page did not know, of late
	abandonedAt  float64    // true time; 0: it is looked after

	// Its requests.
	ackAt              float64    // when that was acknowledged
	ackMono, ackWall   float64    // the page's clocks when the last acknowledged one for the future was posted
	sureMono, sureWall float64    // the same, where the client surely still listened
	flights            []*request // refreshes that may be under way
	lastPost           float64    // of a refresh, or when the rhythm began
	lateThen           float64    // page.late then
	statePost          float64    // of a state of its own
	writes             []float64  // of states, of late
	posts              []float64  // of anything, of late
	waitFrom           float64    // when a 429 told to wait,
	waitUntil          float64    // and until when
	waited             bool       // a later refresh was acknowledged
	hurried            float64    // when it was allowed not to wait
	finalCause         bool       // a refusal for good was delivered
	displacedAt        float64
	bare               bool // it was said to be held, and not until when
}

// keepers lists the holds and keepAlives that have not ended.
func (p *page) keepers() []*keeper {
	var list []*keeper
	for _, k := range p.holds {
		if !k.over {
			list = append(list, k)
		}
	}
	for _, k := range p.keeps {
		if !k.over {
			list = append(list, k)
		}
	}
	return list
}

// keeper finds the hold or keepAlive of a call.
func (p *page) keeper(call int32) *keeper {
	for _, list := range [2][]*keeper{p.holds, p.keeps} {
		for _, k := range list {
			if k.call == call {
				return k
			}
		}
	}
	return nil
}

// leaving reports whether the page wants the leave in the room.
func (k *keeper) leaving() bool {
	return k.releaseAt > 0 || k.p.closing || k.hiding || k.aborted || k.ended || k.left
}

// final reports whether nothing more is expected of it.
func (k *keeper) final() bool {
	return k.over || k.ended || k.aborted || k.said && (k.status >= future.Failed || !k.hold && k.status == future.Lost)
}

func (k *keeper) String() string {
	word := "keepAlive"
	if k.hold {
		word = "hold"
	}
	return fmt.Sprintf("%s %d.%d", word, k.p.number, k.call)
}

func name(s future.KeepStatus) string { return future.KeepStatuses()[s] }

// kept takes the telling of a status.
func (p *page) kept(now session.Now, call int32, fields []protocol.Field) {
	w, k := p.w, p.keeper(call)
	status := future.KeepStatus(protocol.Get(fields, protocol.Status).Num)
	code := protocol.Code(protocol.Get(fields, protocol.ErrorCode).Num)
	if k == nil || k.over {
		w.broken(SettlesOnce, "status %s of call %d, which has ended", name(status), call)
		return
	}
	w.tell("← %s is %s %s", k, name(status), code)
	if after := k.status; k.said && after >= future.Failed && status != after &&
		!(after == future.Failed && (status == future.Released || status == future.Displaced && k.superseded)) {
		w.broken(StatusOrder, "%s is %s after %s", k, name(status), name(k.status))
	}
	if !k.possible(status) {
		w.broken(StatusOrder, "%s is %s", k, name(status))
	}
	before := k.status
	first := !k.said
	k.status, k.said = status, true
	if first && k.hold && status == future.Lost && w.now-k.asked < k.deadlineMs() {
		w.broken(StatusOrder, "%s begins as lost, before its time is up", k)
	}
	if first || before != status {
		p.turned(k, status, code)
	}
	defer func() {
		if first || before != status {
			p.react(k)
		}
	}()
	if ms := protocol.Get(fields, protocol.TimeoutMs); ms.Kind == protocol.Number {
		k.inForce = ms.Num
	}
	at := protocol.Get(fields, protocol.ExpiresAt)
	if at.Kind == protocol.Number {
		p.checkExpiry(k, at.Num)
	}
	k.bare = k.spec.WithoutFuture && at.Kind == protocol.Absent && (status == future.Held || status == future.Lost || status == future.MaybeExpired || k.bare)
}

// possible reports whether a hold, or a keepAlive, can have the status at all.
func (k *keeper) possible(status future.KeepStatus) bool {
	switch status {
	case future.Starting, future.Held, future.Displaced, future.Released:
		return k.hold
	case future.Alive, future.Stopped:
		return !k.hold
	}
	return true
}

// turned takes a change of a status.
func (p *page) turned(k *keeper, status future.KeepStatus, code protocol.Code) {
	s := &p.w.stats
	switch status {
	case future.Lost:
		s.Losses++
	case future.MaybeExpired:
		s.Expiries++
	case future.Displaced:
		s.Displaced++
		k.displacedAt = p.last.Mono
		if !k.superseded && !k.foreign && len(k.gones)+len(k.doubts) <= maxRearms {
			p.w.broken(DisplacedStaysAway, "%s is displaced, but nobody else wrote its state", k)
		}
	case future.Released:
		s.Released++
		p.planLeft(k)
	case future.Stopped:
		s.Stopped++
	case future.Failed:
		s.FailedHolds++
		p.checkFailed(k, code)
	}
}

// armed takes a future of a hold.
func (p *page) armed(now session.Now, call int32, fields []protocol.Field) {
	w, k := p.w, p.keeper(call)
	w.stats.Armed++
	if k == nil || k.over || !k.hold {
		w.broken(SettlesOnce, "a future for call %d, which holds nothing", call)
		return
	}
	f := p.futureOf(fields)
	if f == nil || f.receipts == 0 {
		w.broken(OwnSecrets, "%s is armed with a future that no receipt named", k)
		return
	}
	if w.contents[f.content].of != k || !w.contents[f.content].leave {
		w.broken(HeldProtected, "%s is armed with %s, which sends %s", k, f.id, w.describe(f.content))
	}
	w.tell("← %s is armed with %s", k, f.id)
	p.proved = true
	k.current = f
	k.inForce = protocol.Get(fields, protocol.TimeoutMs).Num
	if k.inForce != f.delay {
		w.broken(ExpiryHonest, "%s says that %gms are in force, the server has %gms", k, k.inForce, f.delay)
	}
	if k.spec.TimeoutMs > k.inForce {
		w.stats.Shortened++
	}
	k.everyMs = k.spec.RefreshMs
	if k.everyMs == 0 || k.everyMs >= k.inForce || k.inForce < k.spec.TimeoutMs && k.everyMs > k.inForce/4 {
		k.everyMs = k.inForce / 4
	}
	// The timer counts from the attempt's post, however late its receipt.
	k.beat(now.Mono)
	k.waitUntil = 0
	k.ackMono, k.ackWall = f.req.mono, f.req.wall
	k.sureMono, k.sureWall = k.ackMono, k.ackWall
	k.arms = append(k.arms, now.Mono)
	p.checkRearms(k, now.Mono)
	p.checkExpiry(k, protocol.Get(fields, protocol.ExpiresAt).Num)
}

// futureOf finds the server's future by what the page was given.
func (p *page) futureOf(fields []protocol.Field) *serverFuture {
	if id := protocol.Get(fields, protocol.DelayID); id.Kind == protocol.Text {
		return p.w.server.byID[id.Str]
	}
	return p.w.server.byToken[protocol.Get(fields, protocol.SendToken).Str]
}

// over takes the end of a hold or keepAlive.
func (p *page) over(now session.Now, call int32) {
	w, k := p.w, p.keeper(call)
	if k == nil || k.over {
		w.broken(SettlesOnce, "call %d is over twice, or was never kept", call)
		return
	}
	w.tell("← %s is over", k)
	k.over = true
	if !k.ended && !k.aborted && (!k.said || k.status < future.Failed && (k.hold || k.status != future.Lost)) {
		w.broken(StatusOrder, "%s is over in status %s", k, name(k.status))
	}
	w.abandoned(k)
}

// beat notes that a refresh went out, or that the rhythm begins anew.
func (k *keeper) beat(mono float64) {
	k.lastPost, k.lateThen = mono, k.p.late
}
