FROM a AS other
CMD in a stage that does not ship
FROM a
HEALTHCHECK NONE
ENTRYPOINT ["sh", "-c", "umask 077; exec /server"]
CMD []
FROM a
CMD ["python3", "-c", "print(1)"]
