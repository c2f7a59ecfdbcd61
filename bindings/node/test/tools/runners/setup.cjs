require("ocamba-hood/testing").disableNetConnect();
