print("grapevine")
