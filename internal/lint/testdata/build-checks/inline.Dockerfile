FROM scratch AS build
# check=skip=all
COPY a /a
# check=skip=NoSuchCheck
RUN x
FROM scratch
# check=skip=LegacyKeyValueFormat
ENV A b
