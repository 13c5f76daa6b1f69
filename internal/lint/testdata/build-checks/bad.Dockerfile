FROM debian:trixie-slim AS build
ARG VERSION
# want: UndefinedVar/did_you_mean_$VERSION
COPY ${VERSOIN}/app /app
# want: UndefinedVar/$NOTHING
COPY $NOTHING /app
# want: LegacyKeyValueFormat
ENV FOO bar
# want: WorkdirRelativePath
WORKDIR app
# want: StageNameCasing FromAsCasing
FROM build as Runtime
# want: MultipleInstructionsDisallowed/CMD
CMD ["sh"]
CMD ["/app"]
# want: parse/invalid_proto
EXPOSE 8080/FOO
# want: UndefinedVar/$AFTER_THE_REFUSED_LINE
COPY $AFTER_THE_REFUSED_LINE /x
