#define _GNU_SOURCE
#include "CMessages.h"

_Static_assert(sizeof(struct grapevine_message) == sizeof(struct mmsghdr), "as the kernel's");
_Static_assert(
    __builtin_offsetof(struct grapevine_message, bytes)
        == __builtin_offsetof(struct mmsghdr, msg_len),
    "as the kernel's");

int grapevine_receive(int socket, struct grapevine_message *messages, unsigned int count, int flags) {
    return recvmmsg(socket, (struct mmsghdr *)messages, count, flags, 0);
}

int grapevine_send(int socket, struct grapevine_message *messages, unsigned int count, int flags) {
    return sendmmsg(socket, (struct mmsghdr *)messages, count, flags);
}
