# check=skip=LegacyKeyValueFormat;error=true
FROM scratch
ENV A b
# stagecraft: allow=WorkdirRelativePath the base has no files
WORKDIR app
