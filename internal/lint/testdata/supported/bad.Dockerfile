# want: supported/golang_1.22
FROM golang:1.22-alpine@sha256:0000000000000000000000000000000000000000000000000000000000000000 AS a
# want: supported/node_16 supported/alpine_3.15
FROM docker.io/library/node:16.20-alpine3.15 AS b
# want: supported/debian_buster
FROM mirror.example.com/library/debian:buster-slim AS c
# want: supported/ubuntu_18.04
FROM ubuntu:18.04 AS d
