#ifndef GRAPEVINE_CMESSAGES_H
#define GRAPEVINE_CMESSAGES_H

#include <sys/socket.h>

/* One of several datagrams: `struct mmsghdr` of recvmmsg(2), which Swift's Glibc does not show. */
struct grapevine_message {
    struct msghdr header;
    /* How many bytes came or went. */
    unsigned int bytes;
};

/* recvmmsg(2) and sendmmsg(2): how many were taken, or -1 and errno. */
int grapevine_receive(int socket, struct grapevine_message *messages, unsigned int count, int flags);
int grapevine_send(int socket, struct grapevine_message *messages, unsigned int count, int flags);

#endif
