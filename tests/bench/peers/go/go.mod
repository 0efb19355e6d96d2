module peer

go 1.23.0

require (
	golang.org/x/sys v0.32.0
	golang.zx2c4.com/wintun v0.0.0-20230126152724-0fa3db229ce2
)
