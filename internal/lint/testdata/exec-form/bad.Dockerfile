FROM a
CMD ignored, the last one counts
# want: exec-form/HEALTHCHECK
HEALTHCHECK CMD curl -f http://localhost || exit 1
# want: exec-form/ENTRYPOINT
ENTRYPOINT ["/bin/sh", "-c", "/server --port 80"]
# want: exec-form/CMD
CMD /server
