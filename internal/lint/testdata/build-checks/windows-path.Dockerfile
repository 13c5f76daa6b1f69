FROM golang:1.26 AS a
WORKDIR C:\App
FROM golang:1.26 AS b
WORKDIR "c:/Program Files (x86)"
FROM golang:1.26 AS c
# want: WorkdirRelativePath
WORKDIR app
