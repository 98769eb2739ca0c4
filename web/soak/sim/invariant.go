package sim

// Invariant is the name of something that must hold, whatever goes wrong. Each
// has its own check; the comments say what exactly is promised (design §1, §5).
type Invariant string

const (
	// NeverEarly: no future is posted to a host that would send it at once, but
	// where the page vouched for a host by naming a token dialect, and then the
	// page learns of it with the receipt and nothing further is posted. No leave
	// of a hold goes out, by its own future or as a plain event, unless the page
	// released, hid, closed or gave up.
	NeverEarly Invariant = "never-early"
	// SettlesOnce: each call is settled once, an aborted one never; an Over ends
	// a keepAlive or hold once, and nothing is said of it afterwards.
	SettlesOnce Invariant = "settles-once"
	// SettlesInTime: by the first wake-up after its deadline a call is settled.
	SettlesInTime Invariant = "settles-in-time"
	// HeldProtected: a hold or keepAlive that is said to be well has a future at
	// the server, or its loss is said with the first answered refresh after it.
	HeldProtected Invariant = "held-protected"
	// LeaveFirst: the state of a hold is posted only while a leave is known to
	// be scheduled, unless the page allowed to join without one.
	LeaveFirst Invariant = "leave-first"
	// HeldInRoom: once faults have ended, a hold is held within its time: the
	// state in the room is the latest one asked for, as far as the page can know.
	HeldInRoom Invariant = "held-in-room"
	// CalmMeansHeld: once faults have ended, a hold is held and a keepAlive is
	// alive within their time, or they have ended.
	CalmMeansHeld Invariant = "calm-means-held"
	// LeaveAfterDeath: after the death of the page the leave is in the room
	// within timeoutMs and the server's batching of the last refresh that
	// reached it, for holds whose state stands there with a future behind it.
	LeaveAfterDeath Invariant = "leave-after-death"
	// NoRearmStorm: at most 3 re-arms within a timeout, those after an own state
	// excepted.
	NoRearmStorm Invariant = "no-rearm-storm"
	// NoRequestStorm: what a hold or keepAlive posts within a timeout is bounded.
	NoRequestStorm Invariant = "no-request-storm"
	// NoBusyWake: wake-ups do not ask, one after the other, for another at once.
	NoBusyWake Invariant = "no-busy-wake"
	// SilentAfterClose: closed means closed: no effect, no call, no wake-up; and
	// it comes within the deadline of Close.
	SilentAfterClose Invariant = "silent-after-close"
	// PendingCap: what waits and what is remembered is bounded.
	PendingCap Invariant = "pending-cap"
	// ReleaseEndsInLeft: a release that succeeds leaves no state of the hold in
	// the room, and no state is posted after it was asked for; a client that is
	// closed without a fault about it has released its holds.
	ReleaseEndsInLeft Invariant = "release-ends-in-left"
	// DisplacedStaysAway: a hold that hears of another's state, after the echo of
	// its own, posts nothing more but the cancelling of its leave, and a plain leave
	// if a state of its own may yet land; it is displaced only for a cause.
	DisplacedStaysAway Invariant = "displaced-stays-away"
	// FailedForCause: nothing fails for good by what passes: a 401, or a part of
	// the server that does not know restarts, only after it stayed for a timeout.
	FailedForCause Invariant = "failed-for-cause"
	// OwnSecrets: ids and tokens of verbs are those received.
	OwnSecrets Invariant = "own-secrets"
	// ExpiryHonest: expiresAt counts from the post of what was acknowledged.
	ExpiryHonest Invariant = "expiry-honest"
	// ExpiryKnown: after a wake-up past expiresAt, by either clock, nothing is
	// said to be well.
	ExpiryKnown Invariant = "expiry-known"
	// RefreshRhythm: while a future is kept, a refresh goes out each everyMs, so
	// that two in a row may fail; before the moment at which it may go out the
	// last of them may wait for that.
	RefreshRhythm Invariant = "refresh-rhythm"
	// VerifiedAtOnce: an own state in the room is followed by a refresh at once:
	// it may have cost the leave.
	VerifiedAtOnce Invariant = "verified-at-once"
	// WaitsAsTold: after a 429 the next refresh waits as told, if that does not
	// lose the future.
	WaitsAsTold Invariant = "waits-as-told"
	// StatusOrder: statuses come in an order that makes sense, none after a
	// final one.
	StatusOrder Invariant = "status-order"
	// HeldIsTold: when the page was told of an event on top of the hold's state in
	// its own user's name (not its own write, and after its last one as the room
	// has it), then the hold's latest content is in the room again, or it does not
	// say to be held: within a refresh period and the time of the answers where
	// the world is calm, within the hold's patience after it was not. Nothing is
	// asked of a page that cannot know its user, nor of what is told late.
	HeldIsTold Invariant = "held-is-told"
	// ProtectedBeforeWritten: when a state of a hold is posted, a leave of it is
	// known to be scheduled: its receipt or an acknowledged refresh was posted
	// after the hold's last acknowledged state was answered, nobody said that it
	// is gone, and by neither clock can it have gone out since that post. Holds
	// that may do without a leave are free.
	ProtectedBeforeWritten Invariant = "protected-before-written"
	// CancelKeepsOne: a leave of a hold is cancelled only while another is known
	// to be scheduled (in the sense of ProtectedBeforeWritten), unless none is
	// needed: nobody has joined, the leave is in the room, the state is another's
	// or a newer hold's.
	CancelKeepsOne Invariant = "cancel-keeps-one"
	// ProtectOften: while a hold's state may be in the room and no leave of it is
	// known to be scheduled, no more than its timeout passes between attempts to
	// schedule one, whatever a server tells to wait; wake-ups that come late, and
	// hosts that take no more at a time, are added.
	ProtectOften Invariant = "protect-often"
	// LeftAfterRelease: when a release has succeeded the room ends, once what was
	// under way has arrived, without the hold's state, unless a newer hold wrote
	// it, or the page cannot know that it is there.
	LeftAfterRelease Invariant = "left-after-release"
	// UnprotectedStays: a hold that may do without a leave stays where restarts
	// are not served: it neither fails by that nor leaves the room.
	UnprotectedStays Invariant = "unprotected-stays"
	// PageHidePlain: on pagehide a plain leave goes out beside the send of a leave
	// that may be spent: by the page's clocks, or because a state of the hold was
	// posted after what proved it last.
	PageHidePlain Invariant = "page-hide-plain"
	// PageHideLeaves: on pagehide the leave goes out by every path there is.
	PageHideLeaves Invariant = "page-hide-leaves"
	// OrphanTold: the late receipt of a future that was given up is told.
	OrphanTold Invariant = "orphan-told"
	// SteadyWhileKept: the steady clock is asked for exactly while something is
	// kept.
	SteadyWhileKept Invariant = "steady-while-kept"
	// NoPanic: the core never panics.
	NoPanic Invariant = "no-panic"
)

// Violation is an invariant that did not hold.
type Violation struct {
	Name Invariant
	Ms   float64 // of true time
	From float64 // when what led to it began, if that is known
	Text string
}
