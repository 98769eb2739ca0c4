package sim

import (
	"fmt"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// HostKind is a family of hosts.
type HostKind int

const (
	// Modern is matrix-widget-api since 1.8.2 with a driver behind it.
	Modern HostKind = iota
	// Dotted is matrix-widget-api 1.8.0 and 1.8.1.
	Dotted
	// Draft is the host of the first draft: tokens.
	Draft
	// Prefixed is matrix-widget-api 1.7.0: tokens under prefixed names.
	Prefixed
	// Rust is silent where others refuse (wire.md §4.3).
	Rust
	// Old knows no future, approves every capability and sends at once.
	Old
	// Yes is Old that also acknowledges every action (wire.md §6).
	Yes
	// Turncoat answers the probe as Modern does and sends at once all the same,
	// for tests of the oracle.
	Turncoat

	hostKinds
)

var hostNames = [hostKinds]string{"modern", "dotted", "draft", "prefixed", "rust", "old", "yes", "turncoat"}

func (k HostKind) String() string { return hostNames[k] }

// AtOnce reports whether the host sends a future as an immediate event.
func (k HostKind) AtOnce() bool { return k == Old || k == Yes }

// ServerKind is a generation of homeservers.
type ServerKind int

const (
	// Synapse is 1.160: one's own state leaves one's future alone, another's
	// cancels it; whatever is finished is 404.
	Synapse ServerKind = iota
	// OwnCancels is Synapse up to 1.126: one's own state cancels too.
	OwnCancels
	// June2024 has tokens; any state cancels; spent is 410.
	June2024
	// Merged answers as the merged MSC4140 does: 409 for a conflicting action
	// on what is finished, 200 for a repeated one.
	Merged
	// Unreported is a server with a fault of its own, for tests of the oracle:
	// it drops futures and goes on answering their refreshes.
	Unreported
	// Forgetful never sends a future, for tests of the oracle.
	Forgetful

	serverKinds
)

var serverNames = [serverKinds]string{"synapse", "own-cancels", "june-2024", "merged", "unreported", "forgetful"}

func (k ServerKind) String() string { return serverNames[k] }

// Setting is what stays as it is for a whole plan.
type Setting struct {
	Host       HostKind
	Server     ServerKind
	Dialect    protocol.Dialect // as the page passes it to connect
	DeadlineMs float64
	BatchMs    float64 // the server may send a future this much late
	MaxDelayMs float64 // of the server; 0: none worth speaking of
	LimitForm  int     // how it refuses a longer one: a row of limitForms
	FuturesOff bool    // the server refuses every delayed event
	Limited    bool    // Synapse's default rate limits
	Watched    bool    // the host approves reading the held state
	Homeserver bool    // the page knows its homeserver's URL
	MonoStops  bool    // the monotonic clock stops in sleep
	UserKnown  bool    // the page knows who its user is
	NeverTold  bool    // the host approves telling of the held state, and tells nothing
	NoRestart  bool    // the server's part that serves restarts knows none, ever
	Reentrant  bool    // page code calls while effects are carried out
}

func (s *Setting) String() string {
	words := []string{
		"host=" + s.Host.String(), "server=" + s.Server.String(), "dialect=" + s.Dialect.String(),
		fmt.Sprintf("deadline=%gms batch=%gms", s.DeadlineMs, s.BatchMs),
	}
	if s.MaxDelayMs > 0 {
		words = append(words, fmt.Sprintf("max-delay=%gms (%s)", s.MaxDelayMs, limitForms[s.LimitForm].name))
	}
	for _, flag := range []struct {
		on   bool
		word string
	}{
		{s.FuturesOff, "futures-off"},
		{s.Limited, "rate-limited"},
		{s.Watched, "watched"},
		{s.Homeserver, "homeserver-url"},
		{s.MonoStops, "mono-stops-in-sleep"},
		{s.UserKnown, "user-known"},
		{s.NeverTold, "never-told"},
		{s.NoRestart, "no-restart"},
		{s.Reentrant, "re-entrant"},
	} {
		if flag.on {
			words = append(words, flag.word)
		}
	}
	return strings.Join(words, " ")
}

// Kind is what an item is.
type Kind int

// Faults; those with a window last for Item.For.
const (
	Loss       Kind = iota // of messages on a hop, with chance P
	Delay                  // of messages on a hop, with chance P, by up to Amount ms
	Duplicate              // of messages on a hop, with chance P
	Reorder                // messages on a hop overtake each other by up to Amount ms
	Refuse                 // the homeserver answers with With, with chance P
	Unexplain              // the host refuses without detail, with chance P
	Garble                 // the host answers what cannot be read, with chance P
	HostDown               // the host stops; what it was doing is lost
	ServerDown             // the homeserver is out of reach
	Throttle               // the page's timers run once a minute
	Sleep                  // the device sleeps
	WallStep               // the wall clock steps by Amount ms
	Vanish                 // the homeserver forgets the futures it has
	Kick                   // somebody else writes the state of the hold in Slot
	Revoke                 // the host approves no futures any more
	Worker                 // the part of the homeserver that serves restarts does not (Count: 0 refuses, 1 fails)
	Full                   // the user has as many futures as may be: a 429 tells to wait for Amount ms
	Lower                  // the server takes no timeout above Amount ms any more
	Mute                   // the host does not tell of an event, with chance P
	Late                   // the host tells of events up to Amount ms late
	Slow                   // the homeserver takes up to Amount ms to answer

	firstAct
)

// Actions of the page, or on it.
const (
	Join      = firstAct + iota // holdState
	Update                      // of the hold in Slot
	Release                     // of the hold in Slot
	GiveUp                      // Join, aborted after Amount ms
	Schedule                    // sendFuture; Amount is its timeout
	RefreshIt                   // verbs on the future in Slot
	CancelIt
	SendIt
	Keep      // keepAlive of the future in Slot
	StopKeep  // of the keepAlive in Slot
	SendPlain // sendEvent, Count of them
	Ask       // requestCapabilities
	Close     // of the client; a new life follows after Amount ms
	Kill      // the page is gone without a word; a new life follows
	Hide      // pagehide, then gone; a new life follows
	Freeze    // pagehide, back from the back/forward cache after For
	Awake     // the page becomes visible or online
	Delegate  // somebody else sends the leave of a hold, which the page updates and releases then

	kinds
)

var kindNames = [kinds]string{
	"loss", "delay", "duplicate", "reorder", "refuse", "unexplain", "garble", "host-down", "server-down",
	"throttle", "sleep", "wall-step", "vanish", "kick", "revoke",
	"worker", "full", "lower", "mute", "late", "slow",
	"join", "update", "release", "give-up", "schedule", "refresh", "cancel", "send", "keep", "stop-keep",
	"send-plain", "ask", "close", "kill", "hide", "freeze", "awake", "delegate",
}

func (k Kind) String() string { return kindNames[k] }

// Item is a fault or an action.
type Item struct {
	N      int // its number in the plan, which shrinking keeps
	Kind   Kind
	At     float64 // ms of true time
	For    float64 // ms; 0: a moment
	P      float64
	Amount float64
	Hop    hop
	With   Refusal
	After  bool // Refuse, Unexplain: the request took effect nevertheless
	Verbs  bool // Refuse: the verbs only
	Same   bool // Kill, Hide: the next life asks for the same contents
	Slot   int
	Count  int
	Hold   Hold
}

// Hold is how a Join asks for a hold.
type Hold struct {
	Key           int
	Class         int  // of its content: which of those that recur; 0: none of them
	Wordy         bool // its leave is not {}
	TimeoutMs     float64
	RefreshMs     float64
	DeadlineMs    float64
	StayOnHide    bool
	WithoutFuture bool
}

func (i *Item) String() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%3d  %9.3fs  %s", i.N, i.At/1000, i.Kind)
	if i.For > 0 {
		fmt.Fprintf(b, " for %.1fs", i.For/1000)
	}
	switch i.Kind {
	case Loss, Duplicate:
		fmt.Fprintf(b, " on %s, chance %.2f", i.Hop, i.P)
	case Delay:
		fmt.Fprintf(b, " on %s, chance %.2f, up to %.1fs", i.Hop, i.P, i.Amount/1000)
	case Reorder:
		fmt.Fprintf(b, " on %s, up to %.1fs", i.Hop, i.Amount/1000)
	case Refuse:
		fmt.Fprintf(b, " with %s, chance %.2f", i.With, i.P)
		if i.Verbs {
			b.WriteString(", verbs only")
		}
	case Unexplain, Garble, Mute:
		fmt.Fprintf(b, ", chance %.2f", i.P)
	case Worker:
		if b.WriteString(": restarts are unrecognized"); i.Count > 0 {
			b.WriteString(" or not answered")
		}
	case Full, Lower, Late, Slow:
		fmt.Fprintf(b, ", %.1fs", i.Amount/1000)
	case WallStep:
		fmt.Fprintf(b, " by %+.1fs", i.Amount/1000)
	case Join, GiveUp:
		fmt.Fprintf(b, " %+v", i.Hold)
		if i.Kind == GiveUp {
			fmt.Fprintf(b, ", given up after %.1fs", i.Amount/1000)
		}
	case Schedule:
		fmt.Fprintf(b, " timeout %.1fs", i.Amount/1000)
	case SendPlain:
		fmt.Fprintf(b, " × %d", i.Count)
	case Keep:
		fmt.Fprintf(b, " #%d every %.1fs", i.Slot, i.Amount/1000)
	case Update, Release, RefreshIt, CancelIt, SendIt, StopKeep, Kick:
		fmt.Fprintf(b, " #%d", i.Slot)
	case Close, Kill, Hide:
		fmt.Fprintf(b, ", next life after %.1fs", i.Amount/1000)
		if i.Same {
			b.WriteString(", with the same contents")
		}
	}
	if i.After {
		b.WriteString(", after it took effect")
	}
	return b.String()
}

// Plan is a world before it has run.
type Plan struct {
	Seed    uint64
	Ms      float64 // of virtual time
	Setting Setting
	Items   []Item // by time
}

// Only keeps the items with these numbers.
func (p *Plan) Only(numbers []int) *Plan {
	kept := map[int]bool{}
	for _, n := range numbers {
		kept[n] = true
	}
	out := *p
	out.Items = nil
	for _, item := range p.Items {
		if kept[item.N] {
			out.Items = append(out.Items, item)
		}
	}
	return &out
}
