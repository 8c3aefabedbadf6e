import Names
