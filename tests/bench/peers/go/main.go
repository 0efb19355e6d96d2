// Echo on golang.zx2c4.com/wintun, the binding that WireGuard uses. It runs until it is ended.
package main

import (
	"errors"
	"log"

	"golang.org/x/sys/windows"
	"golang.zx2c4.com/wintun"
)

func serve() error {
	adapter, err := wintun.CreateAdapter("bench", "Wintun", nil)
	if err != nil {
		return err
	}
	defer adapter.Close()
	session, err := adapter.StartSession(0x400000)
	if err != nil {
		return err
	}
	defer session.End()
	readable := session.ReadWaitEvent()
	for {
		packet, err := session.ReceivePacket()
		if errors.Is(err, windows.ERROR_NO_MORE_ITEMS) {
			if _, err := windows.WaitForSingleObject(readable, windows.INFINITE); err != nil {
				return err
			}
			continue
		} else if err != nil {
			return err
		}
		if answer(packet) {
			reply, err := session.AllocateSendPacket(len(packet))
			if err == nil {
				copy(reply, packet)
				session.SendPacket(reply)
			} else if !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) { // a full send ring
				return err
			}
		}
		session.ReleaseReceivePacket(packet)
	}
}

func main() {
	log.Fatal(serve())
}
