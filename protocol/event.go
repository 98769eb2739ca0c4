package protocol

// MaxDurationMs bounds every duration: the largest 32-bit integer, about 24
// days. Hosts and servers parse larger ones differently.
const MaxDurationMs = 1<<31 - 1

// redaction is the event type that hosts redact at once, whatever the delay
// (rust machine; MSC4140 leaves redactions out).
const redaction = "m.room.redaction"

// maxName bounds an event type and a state key, in bytes (spec, size limits of
// events).
const (
	maxName     = 255
	tooLongName = "must be at most 255 bytes"
)

// Event is an event as the page asks for it.
type Event struct {
	Type     Value
	StateKey Value // Absent: a room event
	RoomID   Value // Absent: the room is the host's choice
	Content  Value
	Msgtype  Value
	StickyMs float64 // 0: not sticky
}

// Redaction reports whether it is one by its type.
func (e *Event) Redaction() bool { return e.Type.Str == redaction }

// ParseEvent reads the arguments of an event and names what is wrong in them.
// room is the room of requests that name none; it may be Absent.
func ParseEvent(args []Field, room Value) (Event, *Error) {
	e := Event{
		Type:     Get(args, Type),
		StateKey: Get(args, StateKey),
		RoomID:   Get(args, RoomID),
		Content:  Get(args, Content),
		Msgtype:  Get(args, ContentMsgtype),
	}
	if e.Type.Kind != Text || e.Type.Str == "" {
		return e, Invalid(Type, "must be a non-empty string")
	}
	if e.StateKey.Kind != Absent && e.StateKey.Kind != Text {
		return e, Invalid(StateKey, "must be a string")
	}
	// Homeservers refuse them, but of an event that is sent later only when its time has come.
	if len(e.Type.Str) > maxName {
		return e, Invalid(Type, tooLongName)
	}
	if len(e.StateKey.Str) > maxName {
		return e, Invalid(StateKey, tooLongName)
	}
	if e.Content.Kind != Opaque {
		return e, Invalid(Content, "must be an object")
	}
	if e.RoomID.Kind == Absent {
		e.RoomID = room
	} else if e.RoomID.Kind != Text || e.RoomID.Str == "" {
		return e, Invalid(RoomID, "must be a non-empty string")
	}
	if e.Msgtype.Kind != Text {
		e.Msgtype = Value{}
	}
	var err *Error
	if e.StickyMs, err = Duration(args, StickyDurationMs); err == nil && e.StickyMs != 0 && e.StateKey.Kind == Text {
		err = Invalid(StickyDurationMs, "a state event cannot be sticky")
	}
	return e, err
}

// AppendEvent appends the data of a send_event request.
func AppendEvent(dst []Field, e *Event) []Field {
	dst = Append(dst, DataType, &e.Type)
	dst = Append(dst, DataContent, &e.Content)
	dst = Append(dst, DataStateKey, &e.StateKey)
	dst = Append(dst, DataRoomID, &e.RoomID)
	return AppendNum(dst, DataSticky, e.StickyMs)
}

// Missing lists the capabilities that an event needs and the grants lack.
// timeline says whether the room's own capability counts: Rust hosts neither
// know it nor look at room_id (wire.md §4.3).
func (e *Event) Missing(g Grants, timeline bool) []string {
	var missing []string
	if c := g.SendEvent(e.Type.Str, &e.StateKey, e.Msgtype.Str); c != "" {
		missing = append(missing, c)
	}
	if timeline && e.RoomID.Kind == Text && !g.Timeline(e.RoomID.Str) {
		missing = append(missing, CapTimeline+e.RoomID.Str)
	}
	return missing
}

// Future is an event to be sent later, as the page asks for it.
type Future struct {
	Event
	TimeoutMs        float64 // 0: an action future
	GroupID          string  // "": a group of its own
	AllowUnencrypted bool
}

// ParseFuture reads the arguments of a future and names what is wrong in them,
// whatever the dialect.
func ParseFuture(args []Field, room Value) (Future, *Error) {
	e, err := ParseEvent(args, room)
	f := Future{Event: e}
	if err != nil {
		return f, err
	}
	if f.TimeoutMs, err = Duration(args, TimeoutMs); err != nil {
		return f, err
	}
	if group := Get(args, GroupID); group.Kind != Absent {
		if group.Kind != Text || group.Str == "" {
			return f, Invalid(GroupID, "must be a non-empty string")
		}
		f.GroupID = group.Str
	}
	switch Get(args, AllowUnencrypted).Kind {
	case Absent, False:
	case True:
		f.AllowUnencrypted = true
	default:
		return f, Invalid(AllowUnencrypted, "must be a boolean")
	}
	if f.TimeoutMs == 0 && f.GroupID == "" {
		return f, Invalid(TimeoutMs, "a future needs timeoutMs, or groupId for an action future")
	}
	if e.Redaction() || Get(args, ContentRedacts).Set() {
		return f, Unsupported("a redaction cannot be a future: hosts redact at once")
	}
	return f, nil
}

// Duration reads an optional number of milliseconds; 0 means absent.
func Duration(args []Field, p Path) (float64, *Error) {
	v := Get(args, p)
	if v.Kind == Absent {
		return 0, nil
	}
	if v.Kind != Number || !(v.Num >= 1 && v.Num <= MaxDurationMs) || v.Num != float64(int64(v.Num)) {
		return 0, Invalid(p, "must be an integer of milliseconds from 1 to 2147483647")
	}
	return v.Num, nil
}

// Fits reports why the dialect cannot say the future; nil when it can.
func (f *Future) Fits(d Dialect) *Error {
	row := d.Info()
	switch {
	case row.Timeout == NoPath:
		return Unsupported("futures are switched off: dialect is " + row.Name)
	case f.GroupID != "" && row.Group == NoPath:
		return Unsupported("groupId: the dialect " + row.Name + " has no groups")
	case f.StickyMs != 0 && !row.Sticky:
		return Unsupported("stickyDurationMs: the dialect " + row.Name + " has no sticky futures")
	case row.Unencrypted && f.StateKey.Kind == Absent && !f.AllowUnencrypted:
		return Invalid(AllowUnencrypted,
			"hosts send a delayed message event unencrypted, also in an encrypted room: must be true to allow that")
	}
	return nil
}

// AppendFuture appends the data of the send_event request that asks for the
// future in the dialect. What the future does not have is not written.
func AppendFuture(dst []Field, f *Future, d Dialect) []Field {
	row := d.Info()
	dst = AppendEvent(dst, &f.Event)
	dst = AppendNum(dst, row.Timeout, f.TimeoutMs)
	return AppendText(dst, row.Group, f.GroupID)
}
