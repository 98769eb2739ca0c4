package main

import "github.com/widget-futures/widget-futures/web/homeserver"

// config says where everything is. It is what -announce prints and what both origins serve as /config.json.
type config struct {
	Host        string    `json:"host"`
	Widget      string    `json:"widget"`
	Homeserver  string    `json:"homeserver"`
	AccessToken string    `json:"accessToken,omitempty"`
	UserID      string    `json:"userId"`
	DeviceID    string    `json:"deviceId"`
	RoomID      string    `json:"roomId"`
	Moderator   moderator `json:"moderator"`
}

type moderator struct {
	AccessToken string `json:"accessToken,omitempty"`
	UserID      string `json:"userId"`
}

// forWidget is the widget origin's copy: a widget never sees its host's access tokens.
func (c config) forWidget() config {
	c.AccessToken, c.Moderator.AccessToken = "", ""
	return c
}

// furnish makes the people and the room of the demo, or finds what a journal has of them. The moderator owns the room; anybody in it may
// write any state, as MatrixRTC rooms let members write their membership.
func furnish(server *homeserver.Server, c *config) error {
	alice, err := person(server, "alice")
	if err != nil {
		return err
	}
	owner, err := person(server, "moderator")
	if err != nil {
		return err
	}
	roomID, err := commonRoom(server, owner, alice)
	if err != nil {
		return err
	}
	c.AccessToken, c.UserID, c.DeviceID, c.RoomID = alice.AccessToken, alice.UserID, alice.DeviceID, roomID
	c.Moderator = moderator{AccessToken: owner.AccessToken, UserID: owner.UserID}
	return nil
}

// commonRoom has a guest join the owner's oldest room that lets him, or a new one. Who is there already does not join again.
func commonRoom(server *homeserver.Server, owner, guest homeserver.Account) (string, error) {
	for _, roomID := range server.Rooms(owner) {
		if server.Join(guest, roomID) == nil {
			return roomID, nil
		}
	}
	roomID, err := server.CreateRoom(owner, homeserver.CreateRoomRequest{
		Preset: "public_chat", Name: "Futures", PowerLevels: map[string]any{"state_default": 0},
	})
	if err != nil {
		return "", err
	}
	return roomID, server.Join(guest, roomID)
}

func person(server *homeserver.Server, name string) (homeserver.Account, error) {
	if account, known := server.Account(name); known {
		return account, nil
	}
	return server.Register(name)
}
