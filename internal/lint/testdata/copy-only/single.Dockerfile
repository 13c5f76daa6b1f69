FROM debian
# want: copy-only/the_only_stage_has_1_RUN
RUN apt-get update
CMD ["/x"]
