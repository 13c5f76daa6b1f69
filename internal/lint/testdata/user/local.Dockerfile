# want: user/bats-jenkins_decides
FROM bats-jenkins
CMD ["jenkins"]
