package protocol

// Dialect is a wire generation of MSC4157.
type Dialect int32

const (
	// Auto is Delayed, or DelayedDotted where the host approves only that.
	Auto Dialect = iota
	// None asks for nothing: futures are refused.
	None
	// Futures is the first draft of 2024-06-19 (W1).
	Futures
	// FuturesPrefixed is W2, as matrix-widget-api 1.7.0 spoke it.
	FuturesPrefixed
	// Delayed is W4 and W5, every host of today.
	Delayed
	// DelayedDotted is matrix-widget-api 1.8.0 and 1.8.1.
	DelayedDotted

	dialectCount
)

// DialectInfo is a row of the dialect table: how a future is asked for, what
// answers it, where its verbs go and what must have been approved.
type DialectInfo struct {
	Name    string
	Timeout Path // of the duration in ms
	Group   Path // of the group id; NoPath where the dialect has no groups
	// Update is the action of the verbs; NoName where a verb is a POST of the
	// future's token to the homeserver.
	Update Name
	// TokenPath is where a token is posted, below the homeserver's base URL.
	TokenPath string
	// Schedule and Manage are the capabilities needed beside the event's own;
	// "" where the dialect has none.
	Schedule, Manage string
	// Sticky: a future can be sticky (MSC4407).
	Sticky bool
	// Unencrypted: hosts send a delayed message event past encryption
	// (wire.md §4.2–4.3), so the page has to say that it may.
	Unencrypted bool
}

// TokenHole is what a token path holds in the token's place.
const TokenHole = "{token}"

var dialects = [dialectCount]DialectInfo{
	Auto: {Name: "auto"},
	None: {Name: "none"},
	Futures: {
		Name: "futures", Timeout: DataTimeout, Group: DataGroupID,
		TokenPath: "/_matrix/client/v3/future/" + TokenHole,
	},
	FuturesPrefixed: {
		Name: "futures-prefixed", Timeout: DataFutureTimeout, Group: DataFutureGroupID,
		TokenPath: "/_matrix/client/v1/future/" + TokenHole,
	},
	Delayed: {
		Name: "delayed", Timeout: DataDelay, Update: ActUpdateDelayed,
		Schedule: CapSendDelayed, Manage: CapUpdateDelayed, Sticky: true, Unencrypted: true,
	},
	DelayedDotted: {
		Name: "delayed-dotted", Timeout: DataDelay, Update: ActUpdateDelayedDotted,
		Schedule: CapSendDelayed, Manage: CapUpdateDelayedDotted, Unencrypted: true,
	},
}

// Info returns the dialect's row.
func (d Dialect) Info() *DialectInfo { return &dialects[d] }

// Tokens reports whether the dialect's futures are managed by tokens.
func (d Dialect) Tokens() bool { return dialects[d].TokenPath != "" }

// String returns the dialect's name as the page writes it.
func (d Dialect) String() string { return dialects[d].Name }

// ParseDialect finds a dialect by its name; ok is false for any other word.
func ParseDialect(name string) (d Dialect, ok bool) {
	for i := range dialects {
		if dialects[i].Name == name {
			return Dialect(i), true
		}
	}
	return None, false
}

// DialectNames lists the dialects in the order of their numbers.
func DialectNames() []string {
	list := make([]string, 0, dialectCount)
	for i := range dialects {
		list = append(list, dialects[i].Name)
	}
	return list
}

// Resolve picks the dialect that auto stands for: the one whose capabilities
// are approved, Delayed where neither's are.
func (d Dialect) Resolve(g Grants) Dialect {
	if d != Auto {
		return d
	}
	if !g.Has(CapUpdateDelayed) && g.Has(CapSendDelayed) && g.Has(CapUpdateDelayedDotted) {
		return DelayedDotted
	}
	return Delayed
}

// Asks lists the capabilities a session of the dialect asks for at the start.
func (d Dialect) Asks() []string {
	if d == Auto {
		return []string{CapSendDelayed, CapUpdateDelayed, CapUpdateDelayedDotted}
	}
	if row := d.Info(); row.Schedule != "" {
		return []string{row.Schedule, row.Manage}
	}
	return nil
}
