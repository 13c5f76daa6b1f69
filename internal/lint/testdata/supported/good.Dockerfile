FROM golang:1.26-trixie AS a
FROM node:24 AS b
FROM node AS c
FROM python:3-alpine AS d
FROM example.com/node:16 AS e
FROM example.com/a/b:1-stretch AS h
FROM myorg/golang:1.10 AS f
FROM a:1.22 AS g
